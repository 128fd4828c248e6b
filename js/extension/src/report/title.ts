import { markdownFragment } from './markdown';
import type { IWriters } from './markdown';
import { isObject, joined } from './notebook';
import type { ICell } from './notebook';

/**
 * Find what a notebook is called: its first heading of the first level, else `metadata.title`, else the file.
 *
 * The heading is looked for in what is rendered, since only the parser of markdown knows which lines are one: a comment of
 * the shell in a fence looks the same, and an underlined one does not.
 */
export async function findTitle(
  content: unknown,
  cells: readonly ICell[],
  path: string,
  writers: IWriters
): Promise<string> {
  for (const { kind, source, attachments } of cells) {
    if (kind === 'markdown') {
      const text = await markdownFragment(source, attachments, writers);
      const heading = firstHeading([text]);
      if (heading) {
        return headingText(heading);
      }
    }
  }
  const metadata = isObject(content) && isObject(content.metadata) ? content.metadata : {};
  const file = path.replace(/^.*[/\\]/, '').replace(/\.ipynb$/i, '');
  return joined(metadata.title) || file || 'Notebook';
}

/**
 * Find the heading that says the title, which stands at the top of the page already.
 *
 * @param texts - the cells of markdown, in their order.
 * @returns the heading; null when the first one says something else, or there is none.
 */
export function titleHeading(texts: readonly ParentNode[], title: string): Element | null {
  const heading = firstHeading(texts);
  return heading && headingText(heading) === title ? heading : null;
}

/**
 * One of a quotation, or without words, is no title.
 */
function firstHeading(texts: readonly ParentNode[]): Element | null {
  const headings = texts.flatMap(text => [...text.querySelectorAll('h1')]);
  return headings.find(heading => headingText(heading) && !heading.closest('blockquote')) ?? null;
}

function headingText(heading: Element): string {
  return heading.textContent.replace(/\s+/g, ' ').trim();
}
