import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { ServerConnection } from '@jupyterlab/services';
import type { Contents } from '@jupyterlab/services';

import { newNotebook } from '../src/incident-notebook';

const INCIDENT = {
  title: 'Slow',
  service: '',
  start: new Date('2026-11-22T07:00:00Z'),
  end: new Date('2026-11-22T07:05:00Z')
};

/** A drive with one file; what is saved is kept in `saved`. */
function drive(content: unknown): { contents: Contents.IManager; saved: Map<string, unknown> } {
  const saved = new Map<string, unknown>();
  const contents = {
    get: (path: string) =>
      path === 'templates/own.ipynb'
        ? Promise.resolve({ content })
        : Promise.reject(new ServerConnection.ResponseError(new Response(null, { status: 404 }))),
    save: (path: string, model: { content: unknown }) => {
      saved.set(path, model.content);
      return Promise.resolve(model);
    }
  };
  return { contents: contents as unknown as Contents.IManager, saved };
}

describe('the notebook of an incident', () => {
  it('is the template that was chosen, filled', async () => {
    const cell = { cell_type: 'markdown', metadata: {}, source: '# {{title}}' };
    const { contents, saved } = drive({ cells: [cell], metadata: {} });
    const path = await newNotebook(contents, INCIDENT, 'templates/own.ipynb');
    assert.equal(path, '2026-11-22-0700-slow.ipynb');
    const filled = { cells: [{ ...cell, source: '# Slow' }], metadata: {} };
    assert.deepEqual(saved.get(path), filled);
  });

  it('is not made from a file that is no notebook; the person hears which file', async () => {
    for (const content of [null, 'text', {}, { cells: 3 }, { cells: [null] }]) {
      const { contents, saved } = drive(content);
      await assert.rejects(
        newNotebook(contents, INCIDENT, 'templates/own.ipynb'),
        /The template templates\/own\.ipynb is not a notebook/
      );
      assert.equal(saved.size, 0);
    }
  });
});
