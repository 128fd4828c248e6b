// A kernel for the tests: a real Pyodide with the `casebook` package of this folder and its wasm. Each line of standard
// input is a cell, as JSON; each is run with variables of its own and answered by one line `{"printed", "error"}`.
//
// The kernel of a site does the same in a browser worker; Node lacks two things of it: `location`, and the import of
// blob: URLs.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [origin, pyodideFolder] = process.argv.slice(2);
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
for await (const line of createInterface({ input: process.stdin })) {
  const printed = [];
  python.setStdout({ batched: text => printed.push(text) });
  let error = null;
  try {
    await python.runPythonAsync(JSON.parse(line), { globals: python.toPy({ __name__: '__main__' }) });
  } catch (thrown) {
    error = thrown.message;
  }
  process.stdout.write(`${JSON.stringify({ printed, error })}\n`);
}
process.exit();
