import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { emptyForm, readForm } from '../src/incident-form';
import type { IIncidentForm } from '../src/incident-form';
import type { IIncident } from '../src/incident-link';

const NOW = new Date('2026-11-22T07:08:13.500Z');

function form(changes: Partial<IIncidentForm>): IIncidentForm {
  return { ...emptyForm(NOW), title: 'API slow', ...changes };
}

function read(changes: Partial<IIncidentForm>): IIncident {
  const incident = readForm(form(changes), NOW);
  assert.ok(!Array.isArray(incident), JSON.stringify(incident));
  return incident as IIncident;
}

function problems(changes: Partial<IIncidentForm>): string[] {
  const found = readForm(form(changes), NOW);
  assert.ok(Array.isArray(found), 'the form is refused');
  return (found as { field: string; message: string }[]).map(
    ({ field, message }) => `${field}: ${message}`
  );
}

describe('the form of a new incident', () => {
  it('begins with the last five minutes, in UTC and absolute', () => {
    assert.deepEqual(emptyForm(NOW), {
      title: '',
      service: '',
      start: '2026-11-22T07:03:10Z',
      end: '2026-11-22T07:08:10Z'
    });
  });

  it('is an incident once it has a title', () => {
    assert.deepEqual(read({ title: ' API\n slow ', service: 'checkout ' }), {
      title: 'API slow',
      service: 'checkout',
      start: new Date('2026-11-22T07:03:10Z'),
      end: new Date('2026-11-22T07:08:10Z')
    });
  });

  it('takes times as people write them, in UTC unless they say otherwise', () => {
    for (const start of [
      '2026-11-22T07:00:00Z',
      '2026-11-22 07:00',
      ' 2026-11-22 07:00 UTC ',
      '2026-11-22t07:00z',
      '2026-11-22T08:00:00.000+01:00'
    ]) {
      assert.equal(read({ start }).start.toISOString(), '2026-11-22T07:00:00.000Z', start);
    }
  });

  it('says what to do about each field that is wrong', () => {
    const found = problems({ title: ' ', start: 'yesterday', end: '' });
    assert.equal(found.length, 3);
    assert.match(found[0] ?? '', /^title: Give the incident a title/);
    assert.match(found[1] ?? '', /^start: “yesterday” is not a time\. Write .* in UTC, such as/);
    assert.match(found[2] ?? '', /^end: There is no time\. Write/);
  });

  it('knows no day that the calendar does not have, nor an hour beyond the day', () => {
    for (const start of ['2026-02-30 07:00', '2026-13-01 07:00', '2026-11-22 25:00', '07:00']) {
      assert.match(problems({ start })[0] ?? '', /^start: .*not a time/, start);
    }
  });

  it('refuses a window that ends before it starts, or when it starts', () => {
    const start = '2026-11-22T07:00:00Z';
    for (const end of ['2026-11-22T06:00:00Z', start]) {
      const [problem = ''] = problems({ start, end });
      assert.match(problem, /^end: .*after its start, 2026-11-22T07:00:00Z\. Exchange/);
    }
  });

  it('refuses a window that is too long to look at', () => {
    const end = '2026-11-22T07:00:00Z';
    assert.ok(read({ start: '2026-11-21T07:00:00Z', end }));
    const [problem = ''] = problems({ start: '2026-11-21T06:00:00Z', end });
    assert.match(problem, /^start: The window is 25\.0 hours long, and may have 24\. Take/);
  });

  it('refuses minutes that are still to come', () => {
    const [problem = ''] = problems({ end: '2026-11-22T07:30:00Z' });
    assert.match(problem, /^end: That is in the future: it is 2026-11-22T07:08:13Z now/);
    assert.ok(read({ end: '2026-11-22T07:09:00Z' }), 'a clock may be behind by seconds');
  });
});
