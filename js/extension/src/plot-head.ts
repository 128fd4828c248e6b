import { element } from './dom';
import type { IPlotData } from './plot-data';
import { dateText } from './plot-scale';
import type { ITimeSeries } from './timeseries';

/** More names than this do not fit above a chart. */
const MAX_NAMES = 8;

/**
 * The names of the highlighted lines, and how many others there are.
 *
 * @param colour - the colour of a line.
 */
export function legend(data: IPlotData, colour: (line: number) => string): HTMLElement[] {
  const top = data.lines.flatMap(({ highlight }, line) => (highlight ? [line] : [])).reverse();
  const named = top.slice(0, MAX_NAMES);
  if (data.lines.length === 1 && data.lines[0]?.labels.length === 0) {
    // A series without labels, as of `sum(x)`, is told by the title alone.
    return [];
  }
  const others = data.lines.length - named.length;
  const item = (line: number, words: string) => {
    const swatch = element('span', { class: 'casebook-Plot-swatch' });
    swatch.style.background = colour(line);
    return element('li', {}, swatch, words);
  };
  return [
    ...named.map(line => item(line, data.lines[line]?.name ?? '')),
    ...(others > 0 ? [item(0, named.length > 0 ? `${others} more` : `${others} series`)] : [])
  ];
}

/**
 * What is shown: the day, how many series of how many, and how much of the window one point stands for.
 */
export function note(chart: ITimeSeries, data: IPlotData): string {
  const end = chart.startMs + Math.max(chart.steps - 1, 0) * chart.stepMs;
  const [first, last] = [dateText(chart.startMs), dateText(end)];
  const drawn = chart.series.length;
  const sentences = [
    first === last ? `${first} UTC` : `${first} to ${last} UTC`,
    drawn < chart.of
      ? `${drawn} of ${chart.of} series, those of greatest amplitude`
      : `${drawn} series`
  ];
  if (data.each === 2) {
    const part = (chart.steps * chart.stepMs) / (data.columns[0].length / 2);
    sentences.push(`least and greatest of each ${seconds(part)} s`);
  }
  return sentences.join(' · ');
}

function seconds(ms: number): string {
  return String(Number((ms / 1000).toPrecision(3)));
}
