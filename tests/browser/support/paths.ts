import { existsSync } from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const ROOT = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../../..'
);

/** Screenshots of failures, and the state of the servers. */
export const RESULTS_DIR =
  process.env.CASEBOOK_BROWSER_RESULTS ?? path.join(ROOT, 'target/browser');

/** The proxy as `cargo xtask` builds it. */
export const PROXY =
  process.env.CASEBOOK_PROXY ?? path.join(ROOT, 'target/debug/casebook-proxy');

/** The JupyterLite site as `cargo xtask` builds it. */
export const SITE = process.env.CASEBOOK_SITE ?? path.join(ROOT, 'target/site');

/** The program that starts the real back ends, as `cargo xtask test` builds it. */
export const LAB =
  process.env.CASEBOOK_LAB ?? path.join(ROOT, 'target/debug/casebook-lab');

/** Debian's Chromium, unless told otherwise. */
export const CHROMIUM = process.env.CASEBOOK_CHROMIUM ?? '/usr/bin/chromium';

/** The same path, when something is there. */
export function built(file: string): string {
  if (!existsSync(file)) {
    throw new Error(`${file} is missing: run \`cargo xtask build\` first`);
  }
  return file;
}
