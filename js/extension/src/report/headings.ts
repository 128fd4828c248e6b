/**
 * A heading of a text in markdown.
 */
export interface IHeading {
  /**
   * The line where it begins, from 0.
   */
  readonly line: number;
  readonly level: number;
}

// Up to the next empty line markup stands as it is.
const HTML =
  /^ {0,3}<\/?(?:article|aside|blockquote|center|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|ol|p|section|summary|table|tbody|td|tfoot|th|thead|tr|ul)(?:\s|\/?>|$)/i;

// What begins a block whose lines are no headings, and what ends it; the end may stand on the same line.
const BLOCKS: readonly (readonly [RegExp, (begin: RegExpExecArray) => RegExp, boolean])[] = [
  [/^ {0,3}(`{3,})[^`]*$|^ {0,3}(~{3,})/, fenceEnd, false],
  [/^ {0,3}<!--/, () => /-->/, true],
  [/^ {0,3}<(pre|script|style|textarea)\b/i, ([, name]) => new RegExp(`</${name}>`, 'i'), true],
  [HTML, () => /^\s*$/, false],
  [/^ {0,3}\$\$(?!.*\$\$)/, () => /\$\$/, false]
];

const ATX = /^ {0,3}(#{1,6})(?:[ \t]|$)/;
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/;

// A rule, or the address of a link: it is over with its line.
const ONE_LINE = /^ {0,3}(?:(?:[-*_][ \t]*){3,}$|\[[^\]]+\]:)/;

// What begins a list or a quotation, in the midst of a paragraph too; the lines below belong to it.
const NESTED = /^ {0,3}(?:>|(?:[-*+]|1[.)])[ \t]+\S)/;

// What begins such a thing, or code, or markup, only where no paragraph goes on.
const NO_PARAGRAPH =
  /^(?: {4}| {0,3}\t| {0,3}(?:[-*+](?:\s|$)|\d{1,9}[.)](?:\s|$)|<\/?[a-z][^>]*>\s*$))/i;

/**
 * Find the headings of a text in markdown, written with signs or underlined, but for those in code, comments and formulas.
 */
export function findHeadings(source: string): readonly IHeading[] {
  const headings: IHeading[] = [];
  let end: RegExp | null = null;
  let paragraph: number | null = null;
  let isOther = false;
  source.split('\n').forEach((text, line) => {
    if (end) {
      end = end.test(text) ? null : end;
      return;
    }
    const [, signs] = ATX.exec(text) ?? [];
    const [, rule] = UNDERLINE.exec(text) ?? [];
    const begun = blockEnd(text);
    if (begun) {
      end = begun.isOver ? null : begun.end;
    } else if (signs) {
      headings.push({ line, level: signs.length });
    } else if (rule && paragraph !== null) {
      headings.push({ line: paragraph, level: rule.startsWith('=') ? 1 : 2 });
    } else if (text.trim() && !(paragraph === null && ONE_LINE.test(text))) {
      isOther ||= NESTED.test(text) || (paragraph === null && NO_PARAGRAPH.test(text));
      paragraph = isOther ? null : (paragraph ?? line);
      return;
    }
    paragraph = null;
    isOther = false;
  });
  return headings;
}

/**
 * Cut a text before each of its headings of the first two levels; each part keeps the addresses of the links.
 */
export function cutAtHeadings(source: string): readonly string[] {
  const starts = findHeadings(source)
    .filter(({ level }) => level <= 2)
    .map(({ line }) => line);
  if (starts.length === 0) {
    return [source];
  }
  const lines = source.split('\n');
  const addresses = lines.filter(line => /^ {0,3}\[[^\]]+\]:[ \t]*\S/.test(line)).join('\n');
  return [0, ...starts]
    .map((start, at) => lines.slice(start, starts[at]).join('\n').trimEnd())
    .filter(part => part.trim())
    .map(part => (addresses ? `${part}\n\n${addresses}` : part));
}

function blockEnd(text: string): { readonly end: RegExp; readonly isOver: boolean } | null {
  for (const [begin, endOf, mayBeOver] of BLOCKS) {
    const found = begin.exec(text);
    if (found) {
      const end = endOf(found);
      return { end, isOver: mayBeOver && end.test(text) };
    }
  }
  return null;
}

/**
 * The end of a fence: as many of its signs or more, and nothing else.
 */
function fenceEnd([, ticks, tildes = '']: RegExpExecArray): RegExp {
  const sign = ticks ? '`' : '~';
  return new RegExp(`^ {0,3}${sign}{${(ticks ?? tildes).length},}[ \\t]*$`);
}
