/**
 * Make an element with its attributes and children; text is always text, never markup.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const SIGNS = { ok: '●', warn: '▲', bad: '■' } as const;

/**
 * Make the sign of a tone: a shape and a colour, for the eye only.
 */
export function toneSign(tone: keyof typeof SIGNS): HTMLElement {
  return element(
    'span',
    { class: `casebook-Sign casebook-mod-${tone}`, 'aria-hidden': 'true' },
    SIGNS[tone]
  );
}

/**
 * Write a moment as UTC, 24 h, to the second.
 */
export function utc(date: Date): string {
  return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
