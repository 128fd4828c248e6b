import type { INotebookContent } from '@jupyterlab/nbformat';
import { ServerConnection } from '@jupyterlab/services';
import type { Contents } from '@jupyterlab/services';

import { caseName, fillTemplate } from './incident-link';
import type { IIncident } from './incident-link';

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
  const model = await contents.get(template, { type: 'notebook', content: true });
  const content = fillTemplate(model.content as INotebookContent, incident, name);
  await contents.save(`${name}.ipynb`, { type: 'notebook', format: 'json', content });
}

async function exists(contents: Contents.IManager, path: string): Promise<boolean> {
  try {
    await contents.get(path, { content: false });
    return true;
  } catch (error) {
    // JupyterLite's drive rejects with a plain error; a server answers 404.
    if (error instanceof ServerConnection.ResponseError && error.response.status !== 404) {
      throw error;
    }
    return false;
  }
}
