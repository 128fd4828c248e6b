import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ABCWidgetFactory, DocumentWidget } from '@jupyterlab/docregistry';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import { Widget } from '@lumino/widgets';

import { element } from './dom';
import { notebookInside } from './report/embedded';
import { storeNotebook } from './restored-notebook';
import { CommandIDs } from './tokens';

const FILE_TYPE = 'casebook-report';
const FACTORY = 'Notebook of a Report';

/**
 * Opens the notebook inside of a report or of slides: the file in the file browser, or one of the person's disk.
 */
export const reportOpen: JupyterFrontEndPlugin<void> = {
  id: 'casebook:report-open',
  description: 'Opens the notebook inside of a report or of slides.',
  autoStart: true,
  requires: [IDocumentManager],
  optional: [ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    documents: IDocumentManager,
    palette: ICommandPalette | null
  ): void => {
    const open = async (html: string, folder: string): Promise<void> => {
      const path = await storeNotebook(app.serviceManager.contents, notebookInside(html), folder);
      documents.openOrReveal(path, 'Notebook');
    };

    app.docRegistry.addFileType({
      name: FILE_TYPE,
      displayName: 'Casebook Report',
      extensions: ['.report.html', '.slides.html'],
      mimeTypes: ['text/html'],
      contentType: 'file',
      fileFormat: 'text'
    });
    app.docRegistry.addWidgetFactory(
      new ReportFactory(
        {
          name: FACTORY,
          modelName: 'text',
          fileTypes: [FILE_TYPE, 'html'],
          defaultFor: [FILE_TYPE],
          readOnly: true
        },
        open
      )
    );

    app.commands.addCommand(CommandIDs.openReport, {
      label: 'Open Notebook of a Report…',
      caption: 'Choose a report or slides that Casebook wrote, and open the notebook inside',
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const file = await chooseFile();
        if (file) {
          await open(await file.text(), '').catch(showProblem);
        }
      }
    });
    palette?.addItem({ command: CommandIDs.openReport, category: 'Casebook' });
  }
};

/**
 * Stands where a viewer of the report would: takes the notebook out, opens that, and closes itself.
 */
class ReportFactory extends ABCWidgetFactory<DocumentWidget> {
  /**
   * @param options - the name and the file types.
   * @param open - takes the notebook out of a report's HTML and opens it in a folder.
   */
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions<DocumentWidget>,
    open: (html: string, folder: string) => Promise<void>
  ) {
    super(options);
    this._open = open;
  }

  protected override createNewWidget(context: DocumentRegistry.Context): DocumentWidget {
    const content = new Widget({
      node: element('p', { class: 'casebook-Details', role: 'status' }, 'Opening the notebook…')
    });
    const widget = new DocumentWidget({ content, context });
    const folder = context.path.includes('/') ? context.path.replace(/\/[^/]*$/, '') : '';
    void context.ready
      .then(() => this._open(context.model.toString(), folder))
      .catch(showProblem)
      .finally(() => {
        widget.dispose();
      });
    return widget;
  }

  private readonly _open: (html: string, folder: string) => Promise<void>;
}

async function showProblem(error: unknown): Promise<void> {
  const message = error instanceof Error ? error.message : String(error);
  await showErrorMessage('The notebook was not opened', message);
}

function chooseFile(): Promise<File | null> {
  const input = element('input', { type: 'file', accept: '.html,text/html' });
  return new Promise(resolve => {
    input.addEventListener('change', () => {
      resolve(input.files?.[0] ?? null);
    });
    input.addEventListener('cancel', () => {
      resolve(null);
    });
    input.click();
  });
}
