import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { EditorState } from '@codemirror/state';
import type { TransactionSpec } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import { language, syntaxTree } from '@codemirror/language';

import { findProblems, showAnswer } from '../src/promql-diagnostics';
import { promqlCells } from '../src/promql-editor';
import { placeError } from '../src/promql-error';
import { bodyStart, isPromqlCell, readWords, sourceOf } from '../src/promql-first-line';

function words(line: string): string[] {
  return readWords(line).map(({ kind, from, to }) => `${kind} ${line.slice(from, to)}`);
}

describe('the first line of a query', () => {
  it('is one by the rule of the kernel', () => {
    for (const text of ['%%promql', '%%promql\nup', '%%promql level --last 5m']) {
      assert.ok(isPromqlCell(text), text);
    }
    for (const text of ['', ' %%promql', '%promql up', '%%promqlx', '%%promql-x', '# %%promql']) {
      assert.ok(!isPromqlCell(text), text);
    }
  });

  it('falls into magic, name, options and their values', () => {
    assert.deepEqual(words('%%promql level --last 5m --unit=s --source "my one"'), [
      'magic %%promql',
      'name level',
      'option --last',
      'value 5m',
      'option --unit',
      'value s',
      'option --source',
      'value "my one"'
    ]);
  });

  it('names the source that is asked', () => {
    assert.equal(sourceOf('%%promql level --last 5m'), null);
    assert.equal(sourceOf('%%promql --source edge level'), 'edge');
    assert.equal(sourceOf("%%promql --source='edge'"), 'edge');
    assert.equal(sourceOf('%%promql --source edge --source main'), 'main');
    assert.equal(sourceOf('%%promql --source'), null);
  });
});

describe('an error of Prometheus', () => {
  const place = (error: string, text: string): string | null => {
    const placed = placeError(error, text, bodyStart(text));
    return placed && `${text.slice(placed.from, placed.to)}: ${placed.message}`;
  };

  it('stands at its line and column of the query, whatever is around the query', () => {
    const error =
      'Source "main" refused: 2:3: parse error: unexpected identifier "bar"\n  query   x';
    assert.equal(
      place(error, '%%promql\n\n  foo +\n  bar baz\n'),
      'bar: unexpected identifier "bar"'
    );
  });

  it('counts bytes, as Prometheus does', () => {
    const text = '%%promql x\nup{a="äöü€"} bar';
    const column = Buffer.from('up{a="äöü€"} ').length + 1;
    assert.equal(
      place(`1:${column}: parse error: unexpected identifier`, text),
      'bar: unexpected identifier'
    );
  });

  it('is read from older servers too', () => {
    assert.equal(
      place('parse error at char 7: unknown function "foo"', '%%promql\nup + foo(x)'),
      'foo: unknown function "foo"'.replace('foo:', 'oo:')
    );
    assert.equal(place('parse error at line 2, char 1: bad', '%%promql\nup +\nfoo(x)'), 'foo: bad');
  });

  it('is shown at the last character, when something is missing at the end', () => {
    assert.equal(
      place('1:8: parse error: unexpected end of input', '%%promql\nrate(up  \n\n'),
      'p: unexpected end of input'
    );
  });

  it('without a place, or about another text, is not placed', () => {
    const text = '%%promql\nup';
    for (const error of [
      'execution: query timed out',
      '9:1: parse error: bad',
      '0:0: parse error: bad',
      'refused\n  query   1:1: parse error: bad'
    ]) {
      assert.equal(place(error, text), null, error);
    }
    assert.equal(place('1:1: parse error: bad', '%%promql\n'), null);
  });
});

describe('a cell', () => {
  const open = (doc: string): EditorState =>
    EditorState.create({ doc, extensions: promqlCells(doc) });
  const name = (state: EditorState): string | undefined => state.facet(language)?.name;
  const found = async (doc: string): Promise<string[]> =>
    (await findProblems(open(doc))).map(
      ({ from, to, severity }) => `${severity} ${doc.slice(from, to)}`
    );

  it('is marked where the answer says, unless it was changed meanwhile', async () => {
    const asked = '%%promql\nlevel + up';
    const marked = async (doc: string): Promise<string[]> => {
      // The part of a view that an answer needs; a real one needs a browser.
      const view = {
        state: open(doc),
        dispatch(spec: TransactionSpec) {
          this.state = this.state.update(spec).state;
        },
        plugin: () => null
      };
      showAnswer(view as unknown as EditorView, '1:9: parse error: bad', asked);
      return (await findProblems(view.state)).map(
        ({ from, to, source }) => `${source} ${doc.slice(from, to)}`
      );
    };
    assert.deepEqual(await marked(asked), ['Prometheus up']);
    assert.deepEqual(await marked('%%promql\nlevel / up'), []);
    assert.deepEqual(await marked('%%promql\n\nlevel + up'), []);
  });

  it('is PromQL as long as its first line says so', () => {
    const python = open('level = 1');
    assert.equal(name(python), undefined);
    const now = python.update({ changes: { from: 0, insert: '%%promql\n' } }).state;
    assert.equal(name(now), 'promql-cell');
    const more = now.update({ changes: { from: 8, insert: ' x' } }).state;
    assert.equal(name(more), 'promql-cell');
    const back = more.update({ changes: { from: 0, to: 1 } }).state;
    assert.equal(name(back), undefined);
  });

  it('is parsed below its first line, with the words of that line apart', () => {
    const state = open('%%promql p90 --last 5m\nrate(x[5m])');
    assert.equal(syntaxTree(state).type.name, 'PromqlCell');
    const names: string[] = [];
    syntaxTree(state).iterate({ enter: ({ name }) => void names.push(name) });
    assert.deepEqual(names.slice(1, 7), [
      'FirstLine',
      'Magic',
      'Name',
      'Option',
      'Value',
      'PromQL'
    ]);
    assert.ok(names.includes('FunctionCall') && !names.includes('⚠'), names.join(' '));
    assert.equal(syntaxTree(state).length, state.doc.length);
  });

  it('is marked where the parser does not understand it, never on its first line', async () => {
    assert.deepEqual(await found('%%promql --bad ((\nsum by (le) (rate(x[5m]))'), []);
    assert.deepEqual(await found('%%promql'), []);
    assert.deepEqual(await found('%%promql\n \n'), []);
    assert.deepEqual(await found('%%promql\n# a (note\nrate(level) # )'), ['error level']);
    assert.deepEqual(await found('%%promql\nsum(level, ) + 1'), ['error (level, )']);
    assert.deepEqual(await found('%%promql\nsum(level'), [], 'somebody is still writing');
  });
});
