import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import type { Contents } from '@jupyterlab/services';

import { withoutTrust } from './report/embedded';

/**
 * Takes the words "I am trusted" out of each notebook that is opened or saved.
 *
 * JupyterLite has no notary: it believes `metadata.trusted` of a file, whoever wrote it, and then runs the scripts in the
 * file's outputs. It also writes these words for each cell that was run, so that they would travel in every export.
 */
export const untrusted: JupyterFrontEndPlugin<void> = {
  id: 'casebook:untrusted',
  description: 'Opens every notebook as one that nobody trusted yet.',
  autoStart: true,
  activate: (app: JupyterFrontEnd): void => {
    guardContents(app.serviceManager.contents);
  }
};

/**
 * Make a contents manager hand out and store notebooks without their claims of trust.
 *
 * Documents, uploads, downloads and exports all go through these two methods, which is why they are wrapped; a drive of
 * its own would leave the other drives out.
 */
export function guardContents(contents: Contents.IManager): void {
  const get = contents.get.bind(contents);
  const save = contents.save.bind(contents);
  contents.get = async (path, options) => {
    const model = await get(path, options);
    return isNotebook(model) ? { ...model, content: withoutTrust(model.content) } : model;
  };
  contents.save = (path, options = {}) =>
    save(
      path,
      isNotebook(options) ? { ...options, content: withoutTrust(options.content) } : options
    );
}

function isNotebook(model: Partial<Contents.IModel>): boolean {
  return model.type === 'notebook' && typeof model.content === 'object';
}
