import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { INotebookContent } from '@jupyterlab/nbformat';

const TEMPLATE = join(
  __dirname,
  '../../../../jupyterlite_casebook/jupyterlite_casebook/files/templates/incident.ipynb'
);

/** The template of the site, a new one for each call. */
export function incidentTemplate(): INotebookContent {
  return JSON.parse(readFileSync(TEMPLATE, 'utf-8')) as INotebookContent;
}
