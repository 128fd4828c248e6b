import type { Locator } from '@playwright/test';

/** The colours of the highlighted line. */
export const HIGHLIGHT = {
  Light: [0xd9, 0x48, 0x0f],
  Dark: [0xff, 0x8a, 0x4c]
} as const;

/** How many pixels of a canvas have a colour, or one hardly different. */
export async function pixels(
  canvas: Locator,
  colour: readonly number[]
): Promise<number> {
  return canvas.evaluate((node, wanted) => {
    const { width, height } = node as HTMLCanvasElement;
    const context = (node as HTMLCanvasElement).getContext('2d');
    if (!context || width * height === 0) {
      return 0;
    }
    const { data } = context.getImageData(0, 0, width, height);
    let found = 0;
    for (let at = 0; at < data.length; at += 4) {
      const alike = wanted.every(
        (part, index) => Math.abs(part - data[at + index]) < 8
      );
      found += alike && data[at + 3] > 200 ? 1 : 0;
    }
    return found;
  }, colour);
}
