import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import {
  CodeMirrorEditor,
  EditorExtensionRegistry,
  IEditorExtensionRegistry
} from '@jupyterlab/codemirror';
import { CompletionProviderManager, ICompletionProviderManager } from '@jupyterlab/completer';
import type {
  CompletionHandler,
  ICompletionContext,
  ICompletionProvider
} from '@jupyterlab/completer';
import { Text } from '@jupyterlab/coreutils';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';

import { completeCell } from './promql-completion';
import { showAnswer } from './promql-diagnostics';
import { promqlCells } from './promql-editor';
import { isPromqlCell } from './promql-first-line';
import { PromqlSources } from './promql-source';
import { ICasebookConnection } from './tokens';

/**
 * Highlights, completes and checks the query of a cell that begins with `%%promql`.
 */
export const promqlEditor: JupyterFrontEndPlugin<void> = {
  id: 'casebook:promql-editor',
  description: 'Highlights, completes and checks the query of a cell that begins with %%promql.',
  autoStart: true,
  // The tracker is there when notebooks are; the signal itself belongs to no one notebook.
  requires: [ICasebookConnection, IEditorExtensionRegistry, INotebookTracker],
  optional: [ICompletionProviderManager],
  activate: (
    app: JupyterFrontEnd,
    connection: ICasebookConnection,
    editors: IEditorExtensionRegistry,
    _: INotebookTracker,
    completions: ICompletionProviderManager | null
  ): void => {
    editors.addExtension({
      name: 'casebook:promql-cell',
      factory: ({ model }) =>
        isCode(model)
          ? EditorExtensionRegistry.createImmutableExtension(
              promqlCells(model.sharedModel.getSource())
            )
          : null
    });
    const asked = new WeakMap<object, string>();
    NotebookActions.executionScheduled.connect((_actions, { cell }) => {
      asked.set(cell, cell.model.sharedModel.getSource());
    });
    NotebookActions.executed.connect((_actions, { cell, success, error }) => {
      if (cell.editor instanceof CodeMirrorEditor) {
        const message = success ? null : (error?.errorValue ?? null);
        showAnswer(cell.editor.editor, message, asked.get(cell) ?? '');
      }
    });
    if (completions) {
      const provider = new PromqlProvider(connection);
      completions.registerProvider(provider);
      void app.restored.then(() => {
        keepToPython(completions, provider);
      });
    }
  }
};

/**
 * Answers JupyterLab's completer in cells that hold a query.
 */
class PromqlProvider implements ICompletionProvider {
  constructor(connection: ICasebookConnection) {
    this._connection = connection;
  }

  readonly identifier = 'casebook:promql';
  readonly rank = 1100;
  readonly renderer = null;

  isApplicable(context: ICompletionContext): Promise<boolean> {
    return Promise.resolve(isPromql(context));
  }

  async fetch(
    request: CompletionHandler.IRequest
  ): Promise<CompletionHandler.ICompletionItemsReply> {
    const { text, offset } = request;
    const sources = this._connection.status.catalog?.sources.map(({ name }) => name) ?? [];
    // JupyterLab counts characters, CodeMirror UTF-16 units.
    const position = Text.charIndexToJsIndex(offset, text);
    const found = await completeCell(text, position, sources, this._sources);
    return {
      start: Text.jsIndexToCharIndex(found.from, text),
      end: Text.jsIndexToCharIndex(found.to, text),
      items: found.items.map(({ label, insert, type, info }) => ({
        label,
        insertText: insert,
        type,
        documentation: info || undefined
      }))
    };
  }

  private readonly _connection: ICasebookConnection;
  private readonly _sources = new PromqlSources({ origin: window.location.origin });
}

/**
 * Keep the other providers out of cells that hold a query: the kernel knows no PromQL, offers Python's names instead, and
 * is waited for while it runs.
 */
function keepToPython(manager: ICompletionProviderManager, ours: ICompletionProvider): void {
  // The interface does not tell the providers, JupyterLab's own manager does.
  const providers = manager instanceof CompletionProviderManager ? manager.getProviders() : null;
  for (const provider of providers?.values() ?? []) {
    if (provider !== ours) {
      const original = provider.isApplicable.bind(provider);
      provider.isApplicable = async context => !isPromql(context) && (await original(context));
    }
  }
}

function isPromql({ editor }: ICompletionContext): boolean {
  return (
    editor !== null &&
    editor !== undefined &&
    isCode(editor.model) &&
    isPromqlCell(editor.model.sharedModel.getSource().slice(0, 16))
  );
}

/**
 * Tell a code cell from other texts: files and markdown stay as they are, whatever they begin with.
 */
function isCode(model: object): boolean {
  return 'type' in model && model.type === 'code';
}
