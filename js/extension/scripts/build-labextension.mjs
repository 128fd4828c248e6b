// `@jupyter/builder` has no command of its own, and npm hoists it out of this folder: find it, then run it with node.
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const builder = require.resolve('@jupyter/builder/lib/build-labextension.js');
const core = require.resolve('@jupyterlab/core-meta/core.package.json');
// The builder takes stylesheets of this name as texts, and all others as styles of the page.
copyFileSync(require.resolve('reveal.js/reveal.css'), 'lib/reveal.raw.css');
const { status } = spawnSync(process.execPath, [builder, '--core-package-file', core, '.'], {
  stdio: 'inherit'
});
process.exit(status ?? 1);
