import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { INotebookContent } from '@jupyterlab/nbformat';

import {
  caseName,
  fillTemplate,
  LinkError,
  readIncident,
  withoutIncident
} from '../src/incident-link';
import type { IIncident } from '../src/incident-link';
import { incidentTemplate } from './incident-template';

const NOW = new Date('2026-11-22T07:08:13.500Z');

function read(search: string): IIncident {
  const incident = readIncident(search, NOW);
  assert.ok(incident);
  return incident;
}

function sources(notebook: INotebookContent): string {
  return notebook.cells.map(cell => [cell.source].flat().join('')).join('\n\n');
}

describe('a link to an incident', () => {
  it('names title and window', () => {
    const { title, start, end } = read(
      '?incident=API%20slow&start=2026-11-22T07:00:00Z&end=2026-11-22T08:05:00%2B01:00'
    );
    assert.equal(title, 'API slow');
    assert.equal(start.toISOString(), '2026-11-22T07:00:00.000Z');
    assert.equal(end.toISOString(), '2026-11-22T07:05:00.000Z');
  });

  it('may name the service', () => {
    assert.equal(read('?incident=x').service, '');
    assert.equal(read('?incident=x&service=%20check%0Aout%20').service, 'check out');
  });

  it('without times means the last five minutes, on the step', () => {
    const { start, end } = read('?incident=x');
    assert.equal(start.toISOString(), '2026-11-22T07:03:10.000Z');
    assert.equal(end.toISOString(), '2026-11-22T07:08:10.000Z');
  });

  it('with one time means the five minutes beside it', () => {
    assert.equal(
      read('?incident=x&start=2026-11-22T01:00:00Z').end.toISOString(),
      '2026-11-22T01:05:00.000Z'
    );
    assert.equal(
      read('?incident=x&end=2026-11-22T01:00:00Z').start.toISOString(),
      '2026-11-22T00:55:00.000Z'
    );
  });

  it('is none when the address names no incident', () => {
    assert.equal(readIncident('?path=a.ipynb', NOW), null);
  });

  it('is refused, in words, when a time is not one', () => {
    assert.throws(() => readIncident('?incident=x&start=yesterday', NOW), LinkError);
    assert.throws(
      () => readIncident('?incident=x&start=2026-11-22T07:00:00Z&end=2026-11-22T07:00:00Z', NOW),
      /the end has to be later/
    );
  });

  it('leaves the rest of the address alone', () => {
    assert.equal(withoutIncident('?incident=x&service=y&start=a&reset&end=b'), '?reset=');
    assert.equal(withoutIncident('?incident=x'), '');
  });

  it('names a file that needs no quoting', () => {
    const start = '&start=2026-11-22T07:00:00Z';
    assert.equal(
      caseName(read(`?incident=API%20slöw:%20../p90!${start}`)),
      '2026-11-22-0700-api-slo-w-p90'
    );
    assert.equal(caseName(read(`?incident=障害${start}`)), '2026-11-22-0700');
  });
});

describe('the template', () => {
  it('is filled everywhere', () => {
    const filled = sources(
      fillTemplate(incidentTemplate(), read('?incident=API&start=2026-11-22T07:00:00Z'))
    );
    assert.match(filled, /cb\.window\("2026-11-22T07:00:00Z", "2026-11-22T07:05:00Z"\)/);
    assert.match(filled, /cb\.case\("2026-11-22-0700-api"\)/);
    assert.doesNotMatch(filled, /\{\{|\}\}/);
  });

  it('lets no code out of a link into a cell', () => {
    const title = '"); import os; ("';
    const link = `?incident=${encodeURIComponent(title)}&start=2026-11-22T07:00:00Z`;
    const code = fillTemplate(incidentTemplate(), read(link)).cells.filter(
      cell => cell.cell_type === 'code'
    );
    assert.ok(code.length > 3);
    for (const cell of code) {
      assert.ok(!String(cell.source).includes('import os'));
    }
  });

  it('shows title and service as text, whatever they hold', () => {
    const text = encodeURIComponent('<img src=x onerror=alert(1)> [a](javascript:b)');
    const filled = fillTemplate(incidentTemplate(), read(`?incident=${text}&service=${text}`));
    const [heading = '', , service = ''] = String(filled.cells[0]?.source).split('\n');
    for (const line of [heading, service.split('From')[0] ?? '']) {
      assert.match(line, /onerror/);
      assert.doesNotMatch(line.replace(/&#\d+;/g, ''), /[<>[\]()]/);
    }
  });

  it('lets nothing out of a service into code but what needs no quoting', () => {
    const cell = {
      cell_type: 'code',
      source: 'up{service="{{service}}"}',
      metadata: {}
    };
    const own = { ...incidentTemplate(), cells: [cell] };
    const service = encodeURIComponent('shop/check-out"} or {{start}}');
    const filled = fillTemplate(own, read(`?incident=x&service=${service}`));
    assert.equal(sources(filled), 'up{service="shop-check-out-or-start-"}');
  });

  it('says so when nobody named the service', () => {
    assert.match(
      sources(fillTemplate(incidentTemplate(), read('?incident=x'))),
      /Service: not named\./
    );
  });

  it('names the case as the caller says, when the usual name is taken', () => {
    const filled = sources(
      fillTemplate(incidentTemplate(), read('?incident=x'), '2026-11-22-0700-x-2')
    );
    assert.match(filled, /cb\.case\("2026-11-22-0700-x-2"\)/);
  });

  it('has a section for each step, up to the post-mortem', () => {
    const headings = sources(incidentTemplate()).match(/^##+ .*$/gm) ?? [];
    assert.deepEqual(
      headings.map(heading => heading.replace(/^#+ /, '')),
      [
        'Window',
        'Signals',
        'Suspect',
        'Instance',
        'Evidence',
        'Fix',
        'Did it recover?',
        'Notes',
        'Post-mortem',
        'Summary',
        'Timeline',
        'What went well',
        'What went badly',
        'Action items'
      ]
    );
  });

  it('brings neither trust nor old outputs along', () => {
    const shared = incidentTemplate();
    shared.cells.forEach(cell => {
      cell.metadata.trusted = true;
      if (cell.cell_type === 'code') {
        cell.outputs = [{ output_type: 'stream', name: 'stdout', text: 'old' }];
      }
    });
    for (const cell of fillTemplate(shared, read('?incident=x')).cells) {
      assert.ok(!('trusted' in cell.metadata));
      assert.ok(cell.cell_type !== 'code' || JSON.stringify(cell.outputs) === '[]');
    }
  });
});
