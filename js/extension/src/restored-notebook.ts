import type { Contents } from '@jupyterlab/services';

import { exists } from './file-exists';

const MAX_TRIES = 100;

/**
 * Store a notebook in a folder under its own name, or, when another file has that, under the next one with a number.
 *
 * @returns the path; that of the file that is there already, when it is the same notebook.
 */
export async function storeNotebook(
  contents: Contents.IManager,
  notebook: { readonly name: string; readonly content: unknown },
  folder: string
): Promise<string> {
  const text = JSON.stringify(notebook.content);
  for (let index = 0; index < MAX_TRIES; index += 1) {
    const name = index === 0 ? notebook.name : notebook.name.replace(/\.ipynb$/, `-${index}.ipynb`);
    const path = folder ? `${folder}/${name}` : name;
    if (!(await exists(contents, path))) {
      await contents.save(path, { type: 'notebook', format: 'json', content: notebook.content });
      return path;
    }
    const present = await contents.get(path, { type: 'notebook', content: true });
    if (JSON.stringify(present.content) === text) {
      return path;
    }
  }
  throw new Error(
    `The folder holds ${MAX_TRIES} other notebooks of the name ${notebook.name}: delete or rename some of them, then open the report again.`
  );
}
