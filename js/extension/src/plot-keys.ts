/**
 * What a key does to a chart.
 */
export type PlotMove =
  | { readonly kind: 'step'; readonly by: number }
  | { readonly kind: 'end'; readonly of: 'first' | 'last' }
  | { readonly kind: 'line'; readonly by: number }
  | { readonly kind: 'zoom'; readonly in: boolean }
  | { readonly kind: 'whole' };

/** How many steps a key goes with Shift. */
const FAR = 10;

/**
 * The meaning of a key, or null when it has none: with Ctrl, Alt or Cmd it is somebody else's.
 */
export function plotKey(
  event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey'>
): PlotMove | null {
  if (event.ctrlKey || event.altKey || event.metaKey) {
    return null;
  }
  const far = event.shiftKey ? FAR : 1;
  switch (event.key) {
    case 'ArrowLeft':
      return { kind: 'step', by: -far };
    case 'ArrowRight':
      return { kind: 'step', by: far };
    case 'ArrowUp':
      return { kind: 'line', by: 1 };
    case 'ArrowDown':
      return { kind: 'line', by: -1 };
    case 'Home':
      return { kind: 'end', of: 'first' };
    case 'End':
      return { kind: 'end', of: 'last' };
    case '+':
    case '=':
      return { kind: 'zoom', in: true };
    case '-':
      return { kind: 'zoom', in: false };
    case '0':
      return { kind: 'whole' };
    default:
      return null;
  }
}
