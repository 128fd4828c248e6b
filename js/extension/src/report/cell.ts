import { element, utc } from '../dom';
import { markdownFragment } from './markdown';
import type { IWriters } from './markdown';
import type { ICell } from './notebook';
import { outputNode } from './output';
import { sanitize } from './sanitize';

const MAX_SUMMARY = 90;

/**
 * Write a cell as nodes: text as it is, code folded with its outputs below. Raw cells are for other programs.
 */
export async function cellNodes(cell: ICell, writers: IWriters): Promise<Node[]> {
  switch (cell.kind) {
    case 'markdown':
      return [
        element(
          'div',
          { class: 'text' },
          await markdownFragment(cell.source, cell.attachments, writers)
        )
      ];
    case 'code':
      return codeNodes(cell, writers);
    case 'raw':
      return [];
  }
}

/**
 * Whether a reader sees anything of a cell's outputs.
 */
export function hasOutput(cell: ICell): boolean {
  return cell.outputs.length > 0;
}

async function codeNodes(cell: ICell, writers: IWriters): Promise<Node[]> {
  if (!cell.source.trim() && !hasOutput(cell)) {
    return [];
  }
  const nodes: Node[] = [
    element(
      'details',
      { class: 'code' },
      element(
        'summary',
        {},
        element('span', { class: 'telling-line' }, tellingLine(cell.source) || 'code'),
        ' ',
        element('span', { class: 'ran' }, ran(cell))
      ),
      element('pre', {}, element('code', {}, await sanitize(await writers.highlight(cell.source))))
    )
  ];
  if (hasOutput(cell)) {
    const outputs = await Promise.all(cell.outputs.map(output => outputNode(output, writers)));
    nodes.push(element('div', { class: 'outputs' }, ...outputs));
  }
  return nodes;
}

/**
 * The line that says most of a cell: a magic, or else its last statement, which makes the output. An import, a bare name
 * or the head of a block says nothing.
 */
function tellingLine(source: string): string {
  const lines = source.split('\n').filter(line => line.trim());
  const says = (line: string): boolean => !/^\s*(?:#|import |from |[\w.]+$|\W+$|.*:$)/.test(line);
  const told = lines[0]?.startsWith('%%')
    ? lines[0]
    : (lines.filter(line => says(line) && /^\S/.test(line)).at(-1) ??
      lines.find(says) ??
      lines.find(line => !/^(?:#|import |from )/.test(line)) ??
      lines[0]);
  const line = told?.trim() ?? '';
  return line.length > MAX_SUMMARY ? `${line.slice(0, MAX_SUMMARY)}…` : line;
}

function ran(cell: ICell): string {
  if (cell.ranAt) {
    return `ran ${utc(cell.ranAt)}`;
  }
  return cell.count === null && !hasOutput(cell) ? 'not run' : '';
}
