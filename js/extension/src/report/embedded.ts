import { fromBase64, toBase64 } from './base64';
import { isObject, NotNotebookError } from './notebook';

const LINK_CLASS = 'casebook-notebook';
const PREFIX = 'data:application/x-ipynb+json;base64,';
const MAX_NAME = 120;

// Ends of lines in indented JSON: no string holds one, and only a list has numbers on lines of their own.
const BEFORE_NUMBER = /\n *(?=(?:-?\d[\d.eE+-]*|null),?\n)/g;
const AFTER_NUMBERS = /(?<=\d|null)\n *\]/g;

/**
 * A notebook as a file.
 */
export interface INotebookFile {
  /**
   * The file's name, without folders, ending in `.ipynb`.
   */
  readonly name: string;

  /**
   * The file's text.
   */
  readonly text: string;
}

/**
 * Copy a notebook without the words by which it claims to be trusted: whoever sends a notebook can write them.
 */
export function withoutTrust(content: unknown): unknown {
  if (!isObject(content)) {
    return content;
  }
  const cells: unknown = Array.isArray(content.cells)
    ? content.cells.map(withoutTrustHere)
    : content.cells;
  return { ...(withoutTrustHere(content) as object), ...('cells' in content ? { cells } : {}) };
}

/**
 * Write a notebook as File › Save and Export Notebook As › Notebook writes it, but for its claims of trust, and for lists
 * of numbers, which stand on one line: charts hold thousands, and the indentation would double the file.
 */
export function notebookFile(content: unknown, path: string): INotebookFile {
  const text = JSON.stringify(withoutTrust(content), null, 2)
    .replace(BEFORE_NUMBER, ' ')
    .replace(AFTER_NUMBERS, ' ]');
  return { name: cleanName(path), text };
}

/**
 * Make the link by which a report holds its notebook: following it saves the file, without a script and without a network.
 */
export function notebookLink(file: INotebookFile, label: string): HTMLAnchorElement {
  const link = document.createElement('a');
  link.className = LINK_CLASS;
  link.download = file.name;
  link.href = PREFIX + toBase64(new TextEncoder().encode(file.text));
  link.textContent = label;
  return link;
}

/**
 * Take the notebook out of a report or of slides.
 *
 * The file may come from anyone: it is parsed, never shown, and the notebook's claims of trust are left out.
 *
 * @throws NotNotebookError with a sentence for the person, when there is none in it.
 */
export function notebookInside(html: string): { name: string; content: Record<string, unknown> } {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const link = page.querySelector(`a.${LINK_CLASS}[href^="${PREFIX}"]`);
  if (!link) {
    throw new NotNotebookError(
      'No notebook was found in the file: it is not a report or slides that Casebook wrote, or it was cut off.'
    );
  }
  let content: unknown;
  try {
    const encoded = (link.getAttribute('href') ?? '').slice(PREFIX.length);
    content = JSON.parse(new TextDecoder().decode(fromBase64(encoded)));
  } catch {
    content = null;
  }
  if (!isObject(content) || !Array.isArray(content.cells) || typeof content.nbformat !== 'number') {
    throw new NotNotebookError(
      'The notebook in the file cannot be read: the file was changed or cut off. Get it once more from where it came from.'
    );
  }
  return {
    name: cleanName(link.getAttribute('download') ?? ''),
    content: withoutTrust(content) as Record<string, unknown>
  };
}

function withoutTrustHere(part: unknown): unknown {
  if (!isObject(part) || !isObject(part.metadata) || !('trusted' in part.metadata)) {
    return part;
  }
  const metadata = { ...part.metadata };
  delete metadata.trusted;
  return { ...part, metadata };
}

/**
 * The last part of a path, in characters that every file system and JupyterLab's drives take.
 */
function cleanName(path: string): string {
  const name = (path.split(/[/\\]/).pop() ?? '')
    .replace(/\.ipynb$/i, '')
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u001f\u007f<>:"|?*]+/g, ' ')
    .replace(/^[.\s]+|[.\s]+$/g, '')
    .slice(0, MAX_NAME);
  return `${name || 'notebook'}.ipynb`;
}
