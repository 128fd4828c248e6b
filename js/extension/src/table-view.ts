import type { Cell, IColumn, ILine, ITable } from './bundle';
import { element, toneSign } from './dom';
import { sparkView } from './spark';

const TONE_WORDS = { ok: 'Good', warn: 'Unsure', bad: 'Attention' } as const;

/** Shape and words of a sentence's kind; the words are for those who do not see the shape. */
const LINE_SIGNS = {
  interesting: ['●', 'Speaks for it: '],
  unremarkable: ['○', 'Does not: '],
  warning: ['▲', '']
} as const;

/**
 * Draw a table as elements and text nodes; nothing in it is ever read as markup.
 */
export function tableView(table: ITable): HTMLElement {
  const parts: Node[] = [];
  if (table.headline) {
    parts.push(headline(table));
  }
  if (table.lines.length > 0) {
    parts.push(element('ul', { class: 'casebook-Table-lines' }, ...table.lines.map(lineItem)));
  }
  if (table.columns.length > 0 && table.rows.length > 0) {
    // The wrapper scrolls sideways, so the keyboard has to reach it.
    parts.push(
      element(
        'div',
        {
          class: 'casebook-Table-scroll',
          tabindex: '0',
          role: 'group',
          'aria-label': table.caption || 'Table'
        },
        grid(table)
      )
    );
  } else if (table.caption) {
    parts.push(element('p', {}, `${table.caption}: no rows.`));
  }
  if (table.notes.length > 0) {
    const notes = table.notes.map(note => element('li', {}, note));
    parts.push(element('ul', { class: 'casebook-Table-notes' }, ...notes));
  }
  parts.push(...table.also.map(tableView));
  const tone = table.tone ? ` casebook-mod-${table.tone}` : '';
  return element('div', { class: `casebook-Table${tone}` }, ...parts);
}

/**
 * Write a number for people, as the kernel's text does: whole numbers whole, others with four significant digits.
 */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  }
  return Number.isInteger(value) || Math.abs(value) >= 1e4
    ? String(Math.round(value))
    : String(Number(value.toPrecision(4)));
}

function headline(table: ITable): HTMLElement {
  if (!table.tone) {
    return element('p', { class: 'casebook-Table-headline' }, table.headline);
  }
  return element(
    'p',
    { class: 'casebook-Table-headline' },
    toneSign(table.tone),
    element('span', { class: 'casebook-visuallyHidden' }, `${TONE_WORDS[table.tone]}: `),
    ` ${table.headline}`
  );
}

function lineItem({ text, kind }: ILine): HTMLElement {
  if (kind === 'plain') {
    return element('li', { class: 'casebook-mod-plain' }, text);
  }
  const [sign, words] = LINE_SIGNS[kind];
  return element(
    'li',
    { class: `casebook-mod-${kind}` },
    element('span', { class: 'casebook-Table-sign', 'aria-hidden': 'true' }, sign),
    ...(words ? [element('span', { class: 'casebook-visuallyHidden' }, words)] : []),
    kind === 'warning' ? element('strong', {}, 'Warning: ') : '',
    text
  );
}

function grid({ caption, columns, rows }: ITable): HTMLElement {
  const head = columns.map(({ label, unit, align }) => {
    const attributes = { class: `casebook-mod-${align}` };
    // A column without a name has no heading: an empty one would be announced as one.
    return label
      ? element('th', { scope: 'col', ...attributes }, unit ? `${label} (${unit})` : label)
      : element('td', attributes);
  });
  const body = rows.map(row =>
    element('tr', {}, ...columns.map(column => dataCell(column, row[column.key] ?? null)))
  );
  return element(
    'table',
    {},
    ...(caption ? [element('caption', {}, caption)] : []),
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...body)
  );
}

function dataCell({ align }: IColumn, value: Cell): HTMLElement {
  const attributes = { class: `casebook-mod-${align}` };
  if (value === null) {
    return element(
      'td',
      attributes,
      element('span', { 'aria-hidden': 'true' }, '–'),
      element('span', { class: 'casebook-visuallyHidden' }, 'no value')
    );
  }
  if (typeof value === 'object') {
    return element('td', attributes, sparkView(value));
  }
  if (typeof value === 'number') {
    return element('td', attributes, formatNumber(value));
  }
  return element('td', attributes, ...breakable(value));
}

/** A name may go on in the next line after its label, rather than push other columns out of the cell. */
function breakable(words: string): (Node | string)[] {
  return words
    .split(/(?<=\w[=,/])(?=\w)/)
    .flatMap((part, at) => (at > 0 ? [element('wbr'), part] : [part]));
}
