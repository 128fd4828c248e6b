import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, Prec } from '@codemirror/state';
import type { Extension, Text } from '@codemirror/state';
import { tags } from '@lezer/highlight';

import { diagnostics } from './promql-diagnostics';
import { isPromqlCell } from './promql-first-line';
import { promqlCell } from './promql-language';

/**
 * What JupyterLab's own style has no colour for; these variables follow the theme. Its colour of magics is hard to read in
 * the dark one.
 */
const style = HighlightStyle.define([
  { tag: tags.processingInstruction, color: 'var(--jp-mirror-editor-operator-color)' },
  { tag: tags.function(tags.variableName), color: 'var(--jp-mirror-editor-def-color)' },
  { tag: tags.variableName, color: 'var(--jp-mirror-editor-variable-color)' }
]);

// The highest language counts, so the one that JupyterLab chose by the mime type stays, and comes back.
const on: Extension = [Prec.highest(promqlCell.extension), syntaxHighlighting(style), diagnostics];

/**
 * Make an editor follow the first line of its text: PromQL below `%%promql`, and whatever it was else.
 *
 * @param source - the text that the editor begins with.
 */
export function promqlCells(source: string): Extension {
  const slot = new Compartment();
  const follow = EditorState.transactionExtender.of(({ docChanged, startState, newDoc }) => {
    if (!docChanged) {
      return null;
    }
    const now = isPromql(newDoc);
    return now === isPromql(startState.doc) ? null : { effects: slot.reconfigure(now ? on : []) };
  });
  return [slot.of(isPromqlCell(source) ? on : []), follow];
}

function isPromql(doc: Text): boolean {
  return isPromqlCell(doc.sliceString(0, 16));
}
