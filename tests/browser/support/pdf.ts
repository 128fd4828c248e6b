/** The size of a page, in points. */
export interface ISheet {
  width: number;
  height: number;
}

/** The pages of a PDF that Chromium wrote: it names them in plain text, with their boxes. */
export function pages(pdf: Buffer): ISheet[] {
  const text = pdf.toString('latin1');
  const objects = text.match(/<<[^<>]*\/Type \/Page\b[^]*?\nendobj/g) ?? [];
  return objects.map(object => {
    const [, width, height] =
      /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(object) ?? [];
    return { width: Number(width), height: Number(height) };
  });
}
