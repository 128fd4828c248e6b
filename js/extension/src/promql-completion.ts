import { CompletionContext } from '@codemirror/autocomplete';
import type { Completion } from '@codemirror/autocomplete';

import { bodyStart, OPTIONS, readWords, sourceOf, USUAL_SOURCE } from './promql-first-line';
import { queryState } from './promql-language';
import type { PromqlSources } from './promql-source';

/**
 * What may stand at a place of a cell, and the range that it replaces.
 */
export interface ICompletions {
  readonly from: number;
  readonly to: number;
  readonly items: readonly ICompletion[];
}

/**
 * One thing that may stand there.
 */
export interface ICompletion {
  readonly label: string;
  readonly insert: string;
  readonly type: string;
  readonly info: string;
}

const MAX_ITEMS = 500;

/**
 * The library's words for what it offers, as a person who reads PromQL calls it.
 */
const WORDS: Readonly<Record<string, string>> = { constant: 'name', text: 'value' };

/**
 * Complete a cell: options and sources on its first line, PromQL below it.
 *
 * @param sources - the names of the catalogue's sources. As the kernel does, the usual one is asked unless the cell names
 * another: names of any other source would complete to a query that fails.
 */
export async function completeCell(
  text: string,
  position: number,
  sources: readonly string[],
  remote: Pick<PromqlSources, 'strategy'>
): Promise<ICompletions> {
  const from = bodyStart(text);
  const line = text.slice(0, from).trimEnd();
  if (position < from || from === 0 || !text.includes('\n')) {
    return completeFirstLine(line, position, sources);
  }
  const source = sourceOf(line) ?? USUAL_SOURCE;
  const doc = text.slice(from);
  const state = queryState(doc);
  const context = new CompletionContext(state, position - from, true);
  const result = await remote.strategy(source).promQL(context);
  if (!result) {
    return { from: position, to: position, items: [] };
  }
  const typed = doc.slice(result.from, position - from);
  const items = result.options.flatMap(option => readOption(option));
  return {
    from: from + result.from,
    to: from + (result.to ?? position - from),
    items: match(items, typed)
  };
}

function completeFirstLine(
  line: string,
  position: number,
  sources: readonly string[]
): ICompletions {
  const words = readWords(line);
  const at = words.findIndex(({ from, to }) => from <= position && position <= to);
  const word = words[at] ?? { kind: 'name', from: position, to: position };
  const before = words
    .filter(({ to }) => to < word.from || (to === word.from && to < position))
    .at(-1);
  const typed = line.slice(word.from, position);
  const isSource = before?.kind === 'option' && line.slice(before.from, before.to) === '--source';
  if (word.kind === 'magic') {
    return { from: position, to: position, items: [] };
  }
  const items = isSource
    ? sources.map(name => ({ label: name, insert: name, type: 'source', info: '' }))
    : before?.kind === 'option'
      ? []
      : OPTIONS.map(({ label, info }) => ({ label, insert: label, type: 'option', info }));
  return { from: word.from, to: word.to, items: match(items, typed) };
}

function readOption(option: Completion): ICompletion[] {
  const { label, apply, type, detail, info } = option;
  // A snippet is applied to a view of CodeMirror's own completion.
  if (typeof apply === 'function') {
    return [];
  }
  return [
    {
      label,
      insert: apply ?? label,
      // Of a metric, what Prometheus says that it is.
      type: detail ?? WORDS[type ?? ''] ?? type ?? '',
      info: typeof info === 'string' ? info : ''
    }
  ];
}

/**
 * Keep what holds the typed text, first what begins with it, each label once.
 */
function match(items: readonly ICompletion[], typed: string): ICompletion[] {
  const wanted = typed.toLowerCase();
  const place = ({ label }: ICompletion): number => label.toLowerCase().indexOf(wanted);
  const labels = new Set<string>();
  return items
    .filter(item => place(item) >= 0 && !labels.has(item.label) && labels.add(item.label))
    .sort((a, b) => Math.sign(place(a)) - Math.sign(place(b)))
    .slice(0, MAX_ITEMS);
}
