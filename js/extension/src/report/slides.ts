import { hasOutput } from './cell';
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
}

/**
 * Slides one below the other; the deck is a row of these.
 */
export type Column = readonly ISlide[];

interface IDraft {
  parts: IPart[];
  notes: ICell[];
}

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
 * A heading of the first or second level starts a slide. A slide holds one output, so that charts are not squeezed: the
 * next one goes below. Code without an output is not for an audience.
 */
function byHeadings(cells: readonly ICell[]): IDraft[][] {
  const columns: IDraft[][] = [];
  for (const cell of cells) {
    const isShown = cell.kind === 'markdown' || (cell.kind === 'code' && hasOutput(cell));
    if (cell.slide === 'skip' || !isShown) {
      continue;
    }
    if (
      columns.length === 0 ||
      (cell.kind === 'markdown' && /^ {0,3}##?[ \t]/m.test(cell.source))
    ) {
      columns.push([empty()]);
    }
    const before = columns.at(-1)?.at(-1);
    if (before?.parts.some(part => part.cell.kind === 'code')) {
      columns.at(-1)?.push(empty());
    }
    columns.at(-1)?.at(-1)?.parts.push({ cell, isFragment: false });
  }
  return columns;
}

function empty(): IDraft {
  return { parts: [], notes: [] };
}
