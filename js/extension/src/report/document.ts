import { element } from '../dom';
import { toBase64 } from './base64';

/**
 * A page that is one file: nothing in it is fetched, and only our own scripts may run.
 */
export interface IPage {
  readonly title: string;
  readonly styles: readonly string[];

  /**
   * Scripts of our own, run after the body is there.
   */
  readonly scripts: readonly string[];
  readonly body: readonly Node[];
}

/**
 * Write a page as the text of an HTML file.
 */
export async function writeDocument(page: IPage): Promise<string> {
  const scripts = page.scripts.map(inlineScript);
  const head = element(
    'head',
    {},
    element('meta', { charset: 'utf-8' }),
    element('meta', {
      'http-equiv': 'Content-Security-Policy',
      content: await policy(page.styles, scripts)
    }),
    element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    element('meta', { name: 'color-scheme', content: 'light dark' }),
    element('meta', { name: 'referrer', content: 'no-referrer' }),
    element('meta', { name: 'generator', content: 'Casebook' }),
    element('title', {}, page.title),
    ...page.styles.map(style => element('style', {}, style))
  );
  const body = element('body', {}, ...page.body);
  // As text: an element made in the page of JupyterLab would fall under its policy, and run there. By a function, since
  // `$&` in a script would mean something as a replacement.
  const tags = scripts.map(script => `<script>${script}</script>`).join('\n');
  const closed = body.outerHTML.replace(/<\/body>$/, () => `${tags}</body>`);
  return `<!doctype html>\n<html lang="en">${head.outerHTML}${closed}</html>\n`;
}

/**
 * The page's Content-Security-Policy: our styles and scripts by their digests, pictures that are in the file, nothing else.
 */
async function policy(styles: readonly string[], scripts: readonly string[]): Promise<string> {
  const sources = async (texts: readonly string[]): Promise<string> =>
    texts.length > 0 ? (await Promise.all(texts.map(digest))).join(' ') : "'none'";
  return [
    "default-src 'none'",
    `script-src ${await sources(scripts)}`,
    // What a script of ours adds to the page to lay it out for paper has no digest that is known before.
    `style-src ${scripts.length > 0 ? "'unsafe-inline'" : await sources(styles)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'"
  ].join('; ');
}

async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return `'sha256-${toBase64(new Uint8Array(hash))}'`;
}

/**
 * Keep a script from ending its element early; inside of its texts, the backslash changes nothing.
 */
function inlineScript(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/<(\/script|!--)/gi, '<\\$1');
}
