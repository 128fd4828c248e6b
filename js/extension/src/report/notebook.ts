/**
 * One cell of a notebook, as a report needs it.
 */
export interface ICell {
  readonly kind: 'markdown' | 'code' | 'raw';
  readonly source: string;

  /**
   * What the cell put out; empty for all but code.
   */
  readonly outputs: readonly IOutput[];

  /**
   * The pictures of a markdown cell, by file name and then by mime type, in base64.
   */
  readonly attachments: Readonly<Record<string, Readonly<Record<string, string>>>>;

  /**
   * The number in the cell's brackets; null when it was not run.
   */
  readonly count: number | null;

  /**
   * When the cell was run; null when the notebook did not record it.
   */
  readonly ranAt: Date | null;

  /**
   * What `metadata.slideshow` says of the cell; null when it says nothing.
   */
  readonly slide: SlideType | null;
}

/**
 * The kinds of `metadata.slideshow.slide_type`; `-` goes on with the slide before.
 */
export type SlideType = 'slide' | 'subslide' | 'fragment' | 'skip' | 'notes' | '-';

const SLIDE_TYPES: readonly string[] = ['slide', 'subslide', 'fragment', 'skip', 'notes', '-'];

/**
 * One output of a cell.
 */
export type IOutput =
  | { readonly kind: 'stream'; readonly isError: boolean; readonly text: string }
  | {
      readonly kind: 'error';
      readonly name: string;
      readonly message: string;
      readonly traceback: string;
    }
  | { readonly kind: 'data'; readonly data: Readonly<Record<string, unknown>> };

/**
 * A content that is no notebook; the message is for the person.
 */
export class NotNotebookError extends Error {}

/**
 * Read the cells of a notebook file. A notebook may hold anything, so what has not its right shape is left out.
 *
 * @throws NotNotebookError when there are no cells at all.
 */
export function readCells(content: unknown): readonly ICell[] {
  if (!isObject(content) || !Array.isArray(content.cells)) {
    throw new NotNotebookError('The file is not a notebook of format 4: it has no list of cells.');
  }
  return content.cells.filter(isObject).map(readCell);
}

/**
 * A text of the format, which may be split into lines.
 */
export function joined(value: unknown): string {
  if (Array.isArray(value)) {
    return value.filter(line => typeof line === 'string').join('');
  }
  return typeof value === 'string' ? value : '';
}

/**
 * Whether a value is an object with names.
 */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readCell(cell: Record<string, unknown>): ICell {
  const kind = cell.cell_type === 'markdown' || cell.cell_type === 'code' ? cell.cell_type : 'raw';
  const metadata = isObject(cell.metadata) ? cell.metadata : {};
  return {
    kind,
    source: joined(cell.source),
    outputs:
      kind === 'code' && Array.isArray(cell.outputs)
        ? cell.outputs.filter(isObject).flatMap(readOutput)
        : [],
    attachments: kind === 'markdown' ? readAttachments(cell.attachments) : {},
    count: typeof cell.execution_count === 'number' ? cell.execution_count : null,
    ranAt: readMoment(isObject(metadata.execution) ? metadata.execution : {}),
    slide: readSlideType(metadata.slideshow)
  };
}

function readOutput(output: Record<string, unknown>): IOutput[] {
  switch (output.output_type) {
    case 'stream':
      return [{ kind: 'stream', isError: output.name === 'stderr', text: joined(output.text) }];
    case 'error':
      return [
        {
          kind: 'error',
          name: joined(output.ename),
          message: joined(output.evalue),
          traceback: Array.isArray(output.traceback)
            ? output.traceback.filter(line => typeof line === 'string').join('\n')
            : ''
        }
      ];
    case 'display_data':
    case 'execute_result':
      return [{ kind: 'data', data: isObject(output.data) ? output.data : {} }];
    default:
      return [];
  }
}

function readAttachments(value: unknown): ICell['attachments'] {
  const files = isObject(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    files.map(([name, bundle]) => [
      name,
      Object.fromEntries(
        Object.entries(isObject(bundle) ? bundle : {}).map(([mime, data]) => [mime, joined(data)])
      )
    ])
  );
}

function readMoment(execution: Record<string, unknown>): Date | null {
  const written = execution['iopub.execute_input'] ?? execution['iopub.status.busy'];
  const moment = typeof written === 'string' ? new Date(written) : null;
  return moment && Number.isFinite(moment.getTime()) ? moment : null;
}

function readSlideType(slideshow: unknown): SlideType | null {
  const type = isObject(slideshow) ? slideshow.slide_type : null;
  return typeof type === 'string' && SLIDE_TYPES.includes(type) ? (type as SlideType) : null;
}
