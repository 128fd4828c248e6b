const CHUNK = 0x8000;

/**
 * Write bytes in base64.
 */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // One call for all bytes would overflow the stack.
  for (let start = 0; start < bytes.length; start += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  }
  return btoa(binary);
}

/**
 * Read bytes from base64.
 *
 * @throws DOMException when the text is not base64.
 */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), character => character.charCodeAt(0));
}

/**
 * Write a text as a `data:` URL.
 */
export function dataUrl(mime: string, text: string): string {
  return `data:${mime};base64,${toBase64(new TextEncoder().encode(text))}`;
}
