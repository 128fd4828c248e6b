import { element } from '../dom';
import { sanitizeMath } from './sanitize';

const PLACE = /@@(\d+)@@/g;

/**
 * Put formulas back where the markdown parser saw their places, `@@0@@`, as MathML, which needs no script and no font.
 *
 * @param fragment - the clean HTML of the cell.
 * @param formulas - the formulas as written, with their delimiters.
 */
export async function restoreMath(
  fragment: DocumentFragment,
  formulas: readonly string[]
): Promise<void> {
  if (formulas.length === 0) {
    return;
  }
  for (const node of fragment.querySelectorAll('*')) {
    for (const { name, value } of [...node.attributes]) {
      if (value.includes('@@')) {
        node.setAttribute(
          name,
          value.replace(PLACE, (place, index: string) => formulas[+index] ?? place)
        );
      }
    }
  }
  for (const text of textNodes(fragment)) {
    const pieces = text.data.split(PLACE);
    if (pieces.length === 1) {
      continue;
    }
    const isCode = text.parentElement?.closest('code, pre');
    const nodes: (Node | string)[] = [];
    for (const [at, piece] of pieces.entries()) {
      const isPlace = at % 2 === 1;
      const formula = isPlace ? formulas[+piece] : undefined;
      if (formula === undefined) {
        nodes.push(isPlace ? `@@${piece}@@` : piece);
      } else {
        nodes.push(isCode ? formula : await mathml(formula));
      }
    }
    text.replaceWith(...nodes);
  }
}

/**
 * Write one formula, with its delimiters, as MathML; as code when it cannot be read.
 */
export async function mathml(formula: string): Promise<Node> {
  const [tex, isDisplay] = undelimited(formula);
  const { default: katex } = await import('katex');
  try {
    return await sanitizeMath(
      katex.renderToString(tex, {
        output: 'mathml',
        displayMode: isDisplay,
        throwOnError: true,
        strict: 'ignore',
        // No \href, no \includegraphics, no attributes.
        trust: false,
        maxSize: 40
      })
    );
  } catch {
    return element('code', {}, formula);
  }
}

function undelimited(formula: string): [tex: string, isDisplay: boolean] {
  const trimmed = formula.trim();
  for (const [open, close, isDisplay] of [
    ['$$', '$$', true],
    ['\\\\[', '\\\\]', true],
    ['\\\\(', '\\\\)', false],
    ['$', '$', false]
  ] as const) {
    const isInside = trimmed.length > open.length + close.length;
    if (isInside && trimmed.startsWith(open) && trimmed.endsWith(close)) {
      return [trimmed.slice(open.length, -close.length), isDisplay];
    }
  }
  // \begin{…} … \end{…}
  return [trimmed, true];
}

function textNodes(fragment: DocumentFragment): Text[] {
  const walker = fragment.ownerDocument.createTreeWalker(fragment, 4 /* NodeFilter.SHOW_TEXT */);
  const found: Text[] = [];
  while (walker.nextNode()) {
    found.push(walker.currentNode as Text);
  }
  return found;
}
