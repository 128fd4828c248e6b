import { element } from '../dom';

/**
 * Give the headings of a text anchors, and make the list that leads to them.
 *
 * The one that says the page's title is taken out; any other of the first level becomes one of the second.
 *
 * @param nodes - the cells of markdown, in their order; changed in place.
 * @param title - the heading among them that stands at the top of the page already.
 */
export function contentsList(nodes: readonly Element[], title: Element | null): HTMLElement | null {
  const anchors = new Map<string, string>();
  const items: HTMLElement[] = [];
  for (const heading of nodes.flatMap(node => [...node.querySelectorAll('h1, h2, h3')])) {
    const name = heading.textContent.trim();
    if (heading === title) {
      anchors.set(slug(name), 'top');
      heading.remove();
      continue;
    }
    const id = `section-${items.length + 1}`;
    const isSection = heading.tagName !== 'H3';
    const own = element(isSection ? 'h2' : 'h3', { id });
    own.append(...heading.childNodes);
    heading.replaceWith(own);
    anchors.set(slug(name), id);
    items.push(
      element(
        'li',
        isSection ? {} : { class: 'deeper' },
        element('a', { href: `#${id}` }, name || 'Untitled')
      )
    );
  }
  for (const link of nodes.flatMap(node => [...node.querySelectorAll('a[href^="#"]')])) {
    const id = anchors.get(slug((link.getAttribute('href') ?? '').slice(1)));
    if (id) {
      link.setAttribute('href', `#${id}`);
    } else {
      link.removeAttribute('href');
    }
  }
  return items.length > 0
    ? element(
        'nav',
        { class: 'contents', 'aria-labelledby': 'contents-title' },
        element('h2', { id: 'contents-title' }, 'Contents'),
        element('ol', {}, ...items)
      )
    : null;
}

/**
 * What JupyterLab makes of a heading for a link, without its capitals.
 */
function slug(text: string): string {
  let plain = text;
  try {
    plain = decodeURIComponent(text);
  } catch {
    // As it is.
  }
  return plain.trim().toLowerCase().replace(/\s+/g, '-');
}
