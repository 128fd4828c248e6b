import type { Config, DOMPurify } from 'dompurify';

const TAGS = (
  'a abbr b blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 ' +
  'h5 h6 hr i img input ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th ' +
  'thead time tr tt u ul var'
).split(' ');

const ADDRESSES = ['href', 'src'];

const PLAIN_ATTRIBUTES =
  'align alt checked class colspan datetime dir height lang open reversed rowspan scope start title type width'.split(
    ' '
  );

// Also well-formed: a browser reports any other address as an error.
const PICTURE =
  /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)(?:;charset=[\w-]+|;utf8)?(?:;base64,[\w+/]+={0,2}|,[^\s"<>\\]+)$/i;
const LINK = /^(?:https?:\/\/|mailto:|#)/i;

// The colours of code (JupyterLab names them with this Greek letter) and of terminals. Any other class could dress
// an output up as a part of the report.
const CLASS = /^(?:ͼ\w+|ansi-[\w-]+)$/;

/**
 * What the document needs of HTML: text, tables, lists and pictures. No id, name, style or data attribute, no form,
 * no frame, no inline SVG.
 */
const HTML: Config = {
  ALLOWED_TAGS: TAGS,
  ALLOWED_ATTR: [...ADDRESSES, ...PLAIN_ATTRIBUTES],
  // The pattern below would be applied to all attributes.
  ADD_URI_SAFE_ATTR: PLAIN_ATTRIBUTES,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  // Narrowed down below, by element.
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:|attachment:|#)/i
};

const MATHML: Config = {
  USE_PROFILES: { mathMl: true },
  ADD_TAGS: ['semantics', 'annotation'],
  FORBID_ATTR: ['style', 'class', 'id', 'href']
};

let purifier: Promise<DOMPurify> | null = null;

/**
 * Parse HTML that anyone may have written into a document of its own, keeping only what cannot act: no script, no style,
 * no request.
 *
 * @param html - the markup.
 * @param picture - turns the address of a picture into a `data:` URL, or into null when there is none.
 */
export async function sanitize(
  html: string,
  picture: (address: string) => string | null = address => address
): Promise<DocumentFragment> {
  // The fragment stays in the parser's inert document until it is clean, so that no picture is fetched meanwhile.
  const fragment = (await purify()).sanitize(html, { ...HTML, RETURN_DOM_FRAGMENT: true });
  for (const image of fragment.querySelectorAll('img')) {
    const address = image.getAttribute('src') ?? '';
    const source = picture(address);
    if (source && isPicture(source)) {
      image.setAttribute('src', source);
    } else {
      image.replaceWith(missingPicture(image.getAttribute('alt') ?? '', address));
    }
  }
  for (const link of fragment.querySelectorAll('a')) {
    const address = link.getAttribute('href') ?? '';
    if (LINK.test(address)) {
      link.setAttribute('rel', 'noopener noreferrer');
    } else {
      link.removeAttribute('href');
    }
  }
  // The boxes of a task list; any other field would only seem to do something.
  for (const input of fragment.querySelectorAll('input')) {
    const isBox = input.getAttribute('type') === 'checkbox';
    input.replaceWith(isBox ? (input.hasAttribute('checked') ? '☑' : '☐') : '');
  }
  for (const node of fragment.querySelectorAll('[class]')) {
    const kept = [...node.classList].filter(name => CLASS.test(name));
    if (kept.length > 0) {
      node.setAttribute('class', kept.join(' '));
    } else {
      node.removeAttribute('class');
    }
  }
  return fragment;
}

/**
 * Whether an address is that of a picture inside of the file.
 */
export function isPicture(address: string): boolean {
  return PICTURE.test(address);
}

/**
 * The same for MathML.
 */
export async function sanitizeMath(markup: string): Promise<DocumentFragment> {
  const fragment = (await purify()).sanitize(markup, { ...MATHML, RETURN_DOM_FRAGMENT: true });
  // The source of the formula, which some browsers would show beside it.
  fragment.querySelectorAll('annotation').forEach(node => {
    node.remove();
  });
  return fragment;
}

function missingPicture(alt: string, address: string): string {
  const where = /^https?:/i.test(address) ? ` at ${address}` : '';
  return `[a picture that is not in the notebook${alt ? `: ${alt}` : ''}${where}]`;
}

async function purify(): Promise<DOMPurify> {
  purifier ??= import('dompurify').then(({ default: create }) => create(window));
  return purifier;
}
