import { restoreMath } from './math';
import type { ICell } from './notebook';
import { sanitize } from './sanitize';

/**
 * JupyterLab's own ways to turn texts into markup, so that a report looks as the notebook does. What they return is
 * not trusted.
 */
export interface IWriters {
  /**
   * Turn markdown into HTML.
   */
  markdown(source: string): Promise<string>;

  /**
   * Turn a code cell's source into HTML with colours.
   */
  highlight(source: string): Promise<string>;

  /**
   * Take the formulas out of markdown, leaving `@@0@@` and so on in their places. In a formula `&`, `<` and `>` are
   * written as entities.
   */
  removeMath(source: string): { readonly text: string; readonly math: readonly string[] };
}

/**
 * Write markdown as clean HTML, its formulas and attached pictures included.
 */
export async function markdownFragment(
  source: string,
  attachments: ICell['attachments'],
  writers: IWriters
): Promise<DocumentFragment> {
  const { text, math } = writers.removeMath(source);
  const html = await writers.markdown(text);
  const fragment = await sanitize(html, address => picture(address, attachments));
  await restoreMath(fragment, math.map(withoutEntities));
  return fragment;
}

function withoutEntities(formula: string): string {
  return formula.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function picture(address: string, attachments: ICell['attachments']): string | null {
  if (!address.startsWith('attachment:')) {
    return address;
  }
  const bundle = attachments[decoded(address.slice('attachment:'.length))] ?? {};
  const [mime, data] = Object.entries(bundle).find(([name]) => name.startsWith('image/')) ?? [];
  return mime && data ? `data:${mime};base64,${data.replace(/\s/g, '')}` : null;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
