import type { INotebookContent } from '@jupyterlab/nbformat';
import type { Contents } from '@jupyterlab/services';

import { exists } from './file-exists';
import { caseName, fillTemplate } from './incident-link';
import type { IIncident } from './incident-link';
import { isObject, NotNotebookError } from './report/notebook';

const FOLDER = 'templates';

/**
 * The template of links, and the one that is offered first.
 */
export const TEMPLATE = `${FOLDER}/incident.ipynb`;

/**
 * Find the templates: every notebook in the site's `templates` folder, `incident.ipynb` first.
 *
 * @returns the paths of the notebooks.
 */
export async function findTemplates(contents: Contents.IManager): Promise<string[]> {
  const folder = await contents.get(FOLDER, { content: true });
  const files = Array.isArray(folder.content) ? (folder.content as Contents.IModel[]) : [];
  return files
    .filter(({ type, name }) => type === 'notebook' || name.endsWith('.ipynb'))
    .map(({ name }) => `${FOLDER}/${name}`)
    .sort((a, b) => Number(b === TEMPLATE) - Number(a === TEMPLATE) || a.localeCompare(b));
}

/**
 * Make the incident's notebook from the template of links, unless it is there.
 *
 * @returns the path of the notebook.
 */
export async function ensureNotebook(
  contents: Contents.IManager,
  incident: IIncident
): Promise<string> {
  const name = caseName(incident);
  if (!(await exists(contents, `${name}.ipynb`))) {
    await fill(contents, { template: TEMPLATE, incident, name });
  }
  return `${name}.ipynb`;
}

/**
 * Make another notebook for the incident; where its name is taken, it and its case get a number.
 *
 * @returns the path of the notebook.
 */
export async function newNotebook(
  contents: Contents.IManager,
  incident: IIncident,
  template: string
): Promise<string> {
  const base = caseName(incident);
  let name = base;
  for (let number = 2; await exists(contents, `${name}.ipynb`); number++) {
    name = `${base}-${number}`;
  }
  await fill(contents, { template, incident, name });
  return `${name}.ipynb`;
}

async function fill(
  contents: Contents.IManager,
  {
    template,
    incident,
    name
  }: { readonly template: string; readonly incident: IIncident; readonly name: string }
): Promise<void> {
  const content = fillTemplate(await readTemplate(contents, template), incident, name);
  await contents.save(`${name}.ipynb`, { type: 'notebook', format: 'json', content });
}

/**
 * A template is a file of the site's owner, so it may hold anything.
 */
async function readTemplate(contents: Contents.IManager, path: string): Promise<INotebookContent> {
  const { content } = (await contents.get(path, { type: 'notebook', content: true })) as {
    readonly content: unknown;
  };
  if (!isObject(content) || !Array.isArray(content.cells) || !content.cells.every(isObject)) {
    throw new NotNotebookError(
      `The template ${path} is not a notebook: it has no list of cells. Ask the site's owner to mend the file, or choose another template.`
    );
  }
  return content as unknown as INotebookContent;
}
