import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';

/** One row of the table. */
export interface IRow {
  name: string;
  median: number;
  min: number;
  max: number;
}

/** How often each case is run. */
export const RUNS = Number(process.env.CASEBOOK_BENCH_RUNS ?? '5');

/** Median, least and most of some measurements. */
export function row(name: string, samples: number[]): IRow {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const median =
    sorted.length % 2 === 1
      ? sorted[middle]
      : (sorted[middle - 1] + sorted[middle]) / 2;
  return { name, median, min: sorted[0], max: sorted[sorted.length - 1] };
}

/** Hands the numbers to `cargo xtask bench`: rows and notes for people, one object for programs. */
export function report(
  rows: IRow[],
  notes: string[],
  json: Record<string, number>
): void {
  const file = process.env.CASEBOOK_BENCH_RESULTS;
  const text = JSON.stringify({ rows, notes, json });
  if (file) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  } else {
    process.stdout.write(`${text}\n`);
  }
}
