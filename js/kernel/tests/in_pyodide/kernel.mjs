// Runs the Python file of the first argument in a real Pyodide with the `casebook` package of this folder and its
// wasm, against the origin of the second argument. Exit status 0 when the file ran to its end.
//
// The kernel of a site does the same in a browser worker; Node lacks two things of it: `location`, and the import of
// blob: URLs.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [script, origin, pyodideFolder] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(join(pyodideFolder, 'pyodide.mjs')));

globalThis.location = { origin };
globalThis.Blob = class extends Blob {
  constructor(parts, options) {
    super(parts, options);
    this.text = parts.join('');
  }
};
URL.createObjectURL = blob => `data:text/javascript;base64,${Buffer.from(blob.text).toString('base64')}`;
URL.revokeObjectURL = () => {};

const python = await loadPyodide({ indexURL: pyodideFolder });
const site = '/lib/casebook-site';
const copy = (from, to) => {
  python.FS.mkdirTree(to);
  for (const name of readdirSync(from)) {
    if (statSync(join(from, name)).isDirectory()) {
      copy(join(from, name), `${to}/${name}`);
    } else {
      python.FS.writeFile(`${to}/${name}`, readFileSync(join(from, name)));
    }
  }
};
copy(join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'casebook'), `${site}/casebook`);
python.runPython(`import sys; sys.path.insert(0, "${site}")`);
try {
  await python.runPythonAsync(readFileSync(script, 'utf8'), { filename: script });
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
process.exit(0);
