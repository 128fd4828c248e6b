import { hasOutput } from './cell';
import { cutAtHeadings, findHeadings } from './headings';
import type { ICell } from './notebook';

/**
 * A part of a slide, which comes at once or as a fragment.
 */
export interface IPart {
  readonly cell: ICell;
  readonly isFragment: boolean;
}

/**
 * One slide: what it shows, and what only the speaker sees.
 */
export interface ISlide {
  readonly parts: readonly IPart[];
  readonly notes: readonly ICell[];

  /**
   * Whether it goes on below a slide that began a section.
   */
  readonly goesOn: boolean;
}

/**
 * Slides one below the other; the deck is a row of these.
 */
export type Column = readonly ISlide[];

interface IDraft {
  parts: IPart[];
  notes: ICell[];
  goesOn: boolean;
}

/**
 * A text of more characters than this needs a slide, or the rest of one, for itself.
 */
const LONG = 300;

/**
 * Share a notebook's cells out to slides: by `metadata.slideshow` when any cell starts a slide by it, else by headings.
 */
export function arrangeSlides(cells: readonly ICell[]): readonly Column[] {
  const isMarked = cells.some(({ slide }) => slide === 'slide' || slide === 'subslide');
  const columns = isMarked ? byMetadata(cells) : byHeadings(cells);
  return columns
    .map(column => column.filter(({ parts }) => parts.length > 0))
    .filter(column => column.length > 0);
}

/**
 * As nbconvert does: each cell goes on with the slide before unless it says otherwise.
 */
function byMetadata(cells: readonly ICell[]): IDraft[][] {
  const columns: IDraft[][] = [];
  for (const cell of cells) {
    if (cell.slide === 'skip' || cell.kind === 'raw') {
      continue;
    }
    if (cell.slide === 'slide' || columns.length === 0) {
      columns.push([empty()]);
    } else if (cell.slide === 'subslide') {
      columns.at(-1)?.push(empty());
    }
    const slide = columns.at(-1)?.at(-1);
    if (cell.slide === 'notes') {
      slide?.notes.push(cell);
    } else {
      slide?.parts.push({ cell, isFragment: cell.slide === 'fragment' });
    }
  }
  return columns;
}

/**
 * A heading of the first or second level starts a slide. A slide holds one output, so that charts are not squeezed, and
 * what is said about it; the next output goes below. Code without an output is not for an audience.
 */
function byHeadings(cells: readonly ICell[]): IDraft[][] {
  const columns: IDraft[][] = [];
  for (const cell of cells.flatMap(sections)) {
    const isShown = cell.kind === 'markdown' || (cell.kind === 'code' && hasOutput(cell));
    if (cell.slide === 'skip' || !isShown) {
      continue;
    }
    const level = headingLevel(cell);
    const above = columns.at(-1)?.at(-1);
    if (!above || level === 1 || level === 2) {
      columns.push([empty()]);
    } else if (cell.slide !== 'notes' && goesBelow(above, cell)) {
      columns.at(-1)?.push({ ...empty(), goesOn: true });
    }
    const slide = columns.at(-1)?.at(-1);
    if (cell.slide === 'notes') {
      slide?.notes.push(cell);
    } else {
      slide?.parts.push({ cell, isFragment: cell.slide === 'fragment' });
    }
  }
  return columns;
}

/**
 * The parts of a cell of text that each start a slide; what the speaker says is one piece.
 */
function sections(cell: ICell): ICell[] {
  return cell.kind === 'markdown' && cell.slide !== 'notes'
    ? cutAtHeadings(cell.source).map(source => ({ ...cell, source }))
    : [cell];
}

/**
 * Whether a cell does not fit on the slide before.
 */
function goesBelow({ parts }: IDraft, cell: ICell): boolean {
  const isTaken = parts.some(part => part.cell.kind === 'code');
  if (cell.kind === 'code') {
    const text = parts.reduce((sum, part) => sum + part.cell.source.length, 0);
    return isTaken || text > LONG;
  }
  return headingLevel(cell) === null
    ? isTaken && cell.source.length > LONG
    : isTaken || parts.some(part => headingLevel(part.cell) === 3);
}

/**
 * The level of a cell's highest heading; null when it has none of the first three.
 */
function headingLevel({ kind, source }: ICell): 1 | 2 | 3 | null {
  const levels = kind === 'markdown' ? findHeadings(source).map(({ level }) => level) : [];
  const highest = Math.min(...levels);
  return highest === 1 || highest === 2 || highest === 3 ? highest : null;
}

function empty(): IDraft {
  return { parts: [], notes: [], goesOn: false };
}
