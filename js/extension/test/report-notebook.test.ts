import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { ServerConnection } from '@jupyterlab/services';
import type { Contents } from '@jupyterlab/services';

import { notebookFile, notebookInside, withoutTrust } from '../src/report/embedded';
import { NotNotebookError } from '../src/report/notebook';
import { htmlReport } from '../src/report/report';
import { storeNotebook } from '../src/restored-notebook';
import { guardContents } from '../src/untrusted';
import { code, installPage, markdown, notebook, options, parsed } from './report-page';

/** The drive of a browser, as far as these functions use one. */
function drive(): Contents.IManager & { files: Map<string, Partial<Contents.IModel>> } {
  const files = new Map<string, Partial<Contents.IModel>>();
  const manager = {
    files,
    get: (path: string) =>
      files.has(path)
        ? Promise.resolve(files.get(path))
        : Promise.reject(new ServerConnection.ResponseError(new Response(null, { status: 404 }))),
    save: (path: string, model: Partial<Contents.IModel>) => {
      files.set(path, model);
      return Promise.resolve(model);
    }
  };
  return manager as unknown as ReturnType<typeof drive>;
}

const TRUSTED = {
  ...notebook(
    { ...code('1'), metadata: { trusted: true, tags: ['a'] } },
    markdown('é </script> 🛰 <!-- trusted')
  ),
  metadata: { trusted: true, kernelspec: { name: 'python' } }
};

const CLEAN = {
  ...notebook({ ...code('1'), metadata: { tags: ['a'] } }, markdown('é </script> 🛰 <!-- trusted')),
  metadata: { kernelspec: { name: 'python' } }
};

describe('the notebook inside of a report', () => {
  before(installPage);

  it('comes out as it went in, but for its claims of trust', async () => {
    const html = await htmlReport(await options(TRUSTED));
    const { name, content } = notebookInside(html);
    assert.equal(name, '2026-11-22-0700-checkout.ipynb');
    assert.equal(JSON.stringify(content), JSON.stringify(CLEAN));
    const link = parsed(html).querySelector<HTMLAnchorElement>('a[download]');
    const encoded = link?.href.split(',')[1] ?? '';
    assert.equal(Buffer.from(encoded, 'base64').toString(), JSON.stringify(CLEAN, null, 2));
    assert.equal(link?.download, name);
  });

  it('has lists of numbers on one line, and every string as it was', () => {
    const content = notebook(
      code('x', {
        output_type: 'display_data',
        metadata: {},
        data: {
          a: {
            values: [1, null, -2.5e-7, 3],
            one: [0],
            none: [],
            mixed: ['1', 2, { n: [4, 5] }, 'null']
          },
          b: '[\n  1,\n  2\n]'
        }
      })
    );
    const { text } = notebookFile(content, 'a.ipynb');
    assert.deepEqual(JSON.parse(text), content);
    assert.match(text, /"values": \[ 1, null, -2\.5e-7, 3 \]/);
    assert.match(text, /"n": \[ 4, 5 \]/);
    assert.match(text, /"one": \[ 0 \]/);
    const many = { values: Array.from({ length: 1_000_000 }, (_, index) => index / 7) };
    const long = notebookFile({ ...content, metadata: many }, 'a.ipynb').text;
    assert.deepEqual((JSON.parse(long) as { metadata: typeof many }).metadata, many);
  });

  it('is refused when it was changed, cut off, or is none', async () => {
    const html = await htmlReport(await options(CLEAN));
    const cut = html.replace(/(ipynb\+json;base64,.{40})[^"]*/, '$1');
    const other = html.replace(/(ipynb\+json;base64,)[^"]*/, `$1${btoa('{"cells": 3}')}`);
    for (const text of ['', '<p>hello</p>', cut, other, html.slice(0, 600)]) {
      assert.throws(() => notebookInside(text), NotNotebookError);
    }
  });

  it('cannot claim trust by a file that somebody changed', () => {
    const page = notebookFile(CLEAN, 'a.ipynb');
    const text = Buffer.from(page.text.replace('"tags"', '"trusted": true, "tags"'));
    const link = `data:application/x-ipynb+json;base64,${text.toString('base64')}`;
    const html = `<a class="casebook-notebook" download="../../a\\b.ipynb" href="${link}">x</a>`;
    const { name, content } = notebookInside(html);
    assert.equal(name, 'b.ipynb');
    assert.deepEqual(content, CLEAN);
  });

  it('overwrites no other notebook when it is opened', async () => {
    const contents = drive();
    const restored = { name: 'a.ipynb', content: CLEAN };
    assert.equal(await storeNotebook(contents, restored, ''), 'a.ipynb');
    assert.equal(await storeNotebook(contents, restored, ''), 'a.ipynb');
    await contents.save('a.ipynb', { type: 'notebook', content: notebook() });
    assert.equal(await storeNotebook(contents, restored, ''), 'a-1.ipynb');
    assert.equal(await storeNotebook(contents, restored, 'cases'), 'cases/a.ipynb');
    assert.deepEqual([...contents.files.keys()], ['a.ipynb', 'a-1.ipynb', 'cases/a.ipynb']);
  });

  it('is not stored over a file that cannot be read', async () => {
    const contents = drive();
    await contents.save('a.ipynb', { type: 'notebook', content: notebook() });
    const get = contents.get.bind(contents);
    for (const broken of [
      () => Promise.reject(new Error('the disk is full')),
      () => Promise.reject(new ServerConnection.ResponseError(new Response(null, { status: 500 })))
    ]) {
      contents.get = broken;
      const restored = { name: 'a.ipynb', content: CLEAN };
      await assert.rejects(storeNotebook(contents, restored, ''));
      contents.get = get;
      assert.deepEqual((await contents.get('a.ipynb')).content, notebook());
    }
  });
});

describe('trust', () => {
  it('is not read from a file, nor written to one', async () => {
    const contents = drive();
    contents.files.set('a.ipynb', { type: 'notebook', content: TRUSTED });
    guardContents(contents);
    assert.deepEqual((await contents.get('a.ipynb')).content, CLEAN);
    await contents.save('b.ipynb', { type: 'notebook', content: TRUSTED });
    assert.deepEqual(contents.files.get('b.ipynb')?.content, CLEAN);
    const text = { type: 'file', content: '{"metadata": {"trusted": true}}' };
    await contents.save('c.txt', text);
    assert.equal(contents.files.get('c.txt')?.content, text.content);
  });

  it('leaves everything else of a notebook alone', () => {
    assert.deepEqual(withoutTrust(TRUSTED), CLEAN);
    assert.deepEqual(withoutTrust(CLEAN), CLEAN);
    for (const odd of [null, 3, 'a', [], { cells: 3, metadata: [] }, { cells: [null, 3] }]) {
      assert.deepEqual(withoutTrust(odd), odd);
    }
  });
});
