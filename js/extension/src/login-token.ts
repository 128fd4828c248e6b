/**
 * Find the one-time token in what a person pasted: the whole link, its fragment, the line that the
 * terminal printed, or the token alone. Null when there is none.
 */
export function findToken(pasted: string): string | null {
  const inLink = /(?:^|[#&?\s])token=([0-9a-f]+)(?:$|[&\s])/i.exec(pasted)?.[1];
  const alone = /^\s*([0-9a-f]{16,})\s*$/i.exec(pasted)?.[1];
  return inLink ?? alone ?? null;
}
