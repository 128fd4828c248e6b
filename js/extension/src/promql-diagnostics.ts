import { forceLinting, linter, nextDiagnostic } from '@codemirror/lint';
import type { Diagnostic } from '@codemirror/lint';
import { StateEffect, StateField } from '@codemirror/state';
import type { EditorState, Extension } from '@codemirror/state';
import { keymap } from '@codemirror/view';
import type { EditorView } from '@codemirror/view';
import { PromQLExtension } from '@prometheus-io/codemirror-promql';

import { placeError } from './promql-error';
import type { IPlacedError } from './promql-error';
import { bodyStart } from './promql-first-line';
import { promql, queryState } from './promql-language';

const strategy = new PromQLExtension().getLinter();
const setAnswer = StateEffect.define<IPlacedError | null>();

/**
 * What Prometheus said against the query; it holds until the text changes.
 */
const answer = StateField.define<IPlacedError | null>({
  create: () => null,
  update: (before, transaction) => {
    for (const effect of transaction.effects) {
      if (effect.is(setAnswer)) {
        return effect.value;
      }
    }
    return transaction.docChanged ? null : before;
  }
});

/**
 * Underlines what is wrong with a query: by the parser while it is written, by Prometheus once it was asked.
 */
export const diagnostics: Extension = [
  answer,
  linter(view => findProblems(view.state), {
    needsRefresh: ({ startState, state }) =>
      startState.field(answer, false) !== state.field(answer, false)
  }),
  keymap.of([{ key: 'F8', run: nextDiagnostic }])
];

/**
 * Show in the text what a run of the cell ended with; an error that names no place, or null, shows nothing.
 *
 * @param asked - the text that was run: in any other one, the place would be that of another word.
 */
export function showAnswer(view: EditorView, error: string | null, asked: string): void {
  if (view.state.field(answer, false) === undefined) {
    return;
  }
  const text = view.state.doc.toString();
  const placed = error === null || text !== asked ? null : placeError(error, text, bodyStart(text));
  view.dispatch({ effects: setAnswer.of(placed) });
  forceLinting(view);
}

/**
 * Find what is wrong with a cell's query; Prometheus knows better than the parser, where both speak of one place.
 */
export async function findProblems(state: EditorState): Promise<Diagnostic[]> {
  const said = state.field(answer, false);
  const local = await parserProblems(state.doc.toString());
  return said
    ? [
        { ...said, severity: 'error', source: 'Prometheus' },
        ...local.filter(({ from, to }) => to < said.from || from > said.to)
      ]
    : local;
}

async function parserProblems(text: string): Promise<Diagnostic[]> {
  const from = bodyStart(text);
  const doc = withoutComments(text.slice(from));
  if (!doc.trim()) {
    return [];
  }
  // The strategy looks at the state of a view only; the query stands alone in this one.
  const view = { state: queryState(doc) } as EditorView;
  const found = await strategy.promQL()(view);
  return found.map(problem => ({
    ...problem,
    from: from + problem.from,
    to: from + problem.to,
    source: 'PromQL'
  }));
}

/**
 * Blank the comments, each place kept: the strategy checks no types behind a comment that comes first.
 */
function withoutComments(query: string): string {
  let plain = query;
  promql.parser.parse(query).iterate({
    enter: ({ name, from, to }) => {
      if (name === 'LineComment') {
        plain = plain.slice(0, from) + ' '.repeat(to - from) + plain.slice(to);
      }
    }
  });
  return plain;
}
