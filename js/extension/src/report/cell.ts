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
        element('span', { class: 'first-line' }, firstLine(cell.source) || 'code'),
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

function firstLine(source: string): string {
  const lines = source.split('\n').map(line => line.trim());
  // An import says nothing about the cell.
  const line =
    lines.find(text => text && !/^(?:#|import |from )/.test(text)) ?? lines.find(Boolean) ?? '';
  return line.length > MAX_SUMMARY ? `${line.slice(0, MAX_SUMMARY)}…` : line;
}

function ran(cell: ICell): string {
  if (cell.ranAt) {
    return `ran ${utc(cell.ranAt)}`;
  }
  return cell.count === null && !hasOutput(cell) ? 'not run' : '';
}
