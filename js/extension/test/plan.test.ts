import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, it } from 'node:test';

import { JSDOM } from 'jsdom';

import { readPlanOutput } from '../src/plan-output';
import { PlanView } from '../src/plan-view';
import { ProxyApi } from '../src/proxy-api';
import { ProxyStand } from './proxy';
import { until } from './until';

const PATH = '/api/v1/plans/00ff';
const APPROVAL = 'http://127.0.0.1:8788/plans/00ff';
const OUTPUT = {
  id: '00ff',
  what: 'Moves /var/crash/core to /var/quarantine/core.1f on web1',
  state: 'waiting',
  expires_at: '2026-11-22T07:15:00Z',
  outcome: '',
  note: ''
};
const PLAN = {
  id: '00ff',
  kind: 'quarantine',
  state: 'waiting',
  host: 'web1',
  facts: { real: '/var/crash/core', target: '/var/quarantine/core.1f' },
  expires_at: '2026-11-22T07:15:00Z',
  outcome: '',
  approve_url: APPROVAL
};

describe('a plan that a cell waits for', () => {
  let proxy: ProxyStand;
  let view: PlanView;

  before(() => {
    globalThis.document = new JSDOM('<!doctype html><body></body>').window.document;
  });

  beforeEach(async () => {
    proxy = new ProxyStand();
    await proxy.start();
    const api = new ProxyApi({ origin: proxy.origin });
    view = new PlanView({ api, interval: 40, standby: 'never' });
    document.body.replaceChildren(view.node);
  });

  afterEach(async () => {
    view.dispose();
    await proxy.stop();
  });

  const says = (plan: object, status = 200, path = PATH): void => {
    proxy.answers.set(path, { status, body: plan });
  };
  const show = (change: object = {}): void => {
    const output = readPlanOutput({ ...OUTPUT, ...change });
    assert.ok(output);
    view.show(output);
  };
  const button = (): HTMLButtonElement => {
    const found = view.node.querySelector('button');
    assert.ok(found);
    return found;
  };
  const link = (): string | undefined => view.node.querySelector('a')?.href;
  const text = (): string =>
    [...view.node.querySelectorAll('p')]
      .map(paragraph => paragraph.textContent)
      .join(' ')
      .replace(/\s+/g, ' ');
  const ready = (): Promise<void> => until(() => !button().disabled);

  it('shows what is to be done, until when, and the way to approve it that the proxy names', async () => {
    says(PLAN);
    show();
    assert.equal(link(), undefined, 'nothing to follow before the proxy was asked');
    assert.equal(button().disabled, true);
    await ready();
    assert.equal(link(), APPROVAL);
    assert.match(
      text(),
      /Waiting for an approval\. Moves \/var\/crash\/core to \S+ on web1\. It expires at 2026-11-22 07:15:00 UTC\./
    );
  });

  it('is taken back by its button, once', async () => {
    says(PLAN);
    show();
    await ready();
    const gone = { ...PLAN, state: 'cancelled', outcome: 'The host was not asked.' };
    says(gone, 200, `${PATH}/cancel`);
    says(gone);
    button().focus();
    button().click();
    assert.equal(button().disabled, true, 'no second click while the first is on its way');
    await until(() => /Cancelled\. Moves .* The host was not asked\./.test(text()));
    assert.equal(link(), undefined);
    assert.equal(button().disabled, true);
    assert.equal(button().parentElement?.hidden, true);
    assert.equal(document.activeElement?.getAttribute('role'), 'status', 'where the keyboard is');
    const posts = proxy.requests.filter(({ method }) => method === 'POST');
    assert.deepEqual(posts, [{ method: 'POST', path: `${PATH}/cancel`, body: '{}' }]);
  });

  it('follows the kernel without asking again, once the plan is over', async () => {
    says(PLAN);
    show();
    await ready();
    show({ state: 'applied', outcome: 'The file was moved.' });
    assert.match(text(), /Done\. .* The file was moved\./);
    assert.equal(link(), undefined);
    await quiet(proxy);
  });

  it('offers nothing for a plan that ended after the notebook was saved', async () => {
    says({ ...PLAN, state: 'expired', outcome: 'Nobody approved it in time.' });
    show();
    await until(() => /Expired\..*Nobody approved it in time/.test(text()));
    assert.equal(link(), undefined);
    assert.equal(button().disabled, true);
    await quiet(proxy);
  });

  it('shows a plan that the proxy does not know as history', async () => {
    says(
      { status: 'error', errorType: 'no_plan', error: 'there is no such plan', next: 'make one' },
      404
    );
    show();
    await until(() => text().includes('There is no such plan'));
    assert.match(text(), /When last seen: waiting for an approval/);
    assert.equal(link(), undefined);
    assert.equal(button().disabled, true);
    await quiet(proxy);
  });

  it('offers nothing while the session is gone, and comes back after signing in', async () => {
    proxy.signedOut();
    proxy.answers.set(PATH, proxy.answers.get('/api/v1/session') ?? { status: 500 });
    show();
    await until(() => text().includes('No session.'));
    assert.equal(button().disabled, true);
    says(PLAN);
    await ready();
    assert.equal(link(), APPROVAL);
    assert.doesNotMatch(text(), /No session/);
  });

  it('says why it could not be taken back, and how it stands instead', async () => {
    says(PLAN);
    show();
    await ready();
    says({ ...PLAN, state: 'applied', outcome: 'The file was moved.' });
    const refusal = { status: 'error', errorType: 'plan_state', error: 'it was begun', next: '' };
    says(refusal, 409, `${PATH}/cancel`);
    button().click();
    await until(() => /Done\..*It was begun\./.test(text()));
    assert.equal(button().disabled, true);
  });

  it('does not believe a notebook about where plans are approved', async () => {
    says({ ...PLAN, approve_url: 'javascript:alert(1)' });
    show({ approve_url: 'http://evil.example/', what: '<img src=x onerror="alert(1)">' });
    assert.equal(view.node.querySelectorAll('img').length, 0);
    await ready();
    assert.equal(link(), undefined);
    assert.match(text(), /Moves \/var\/crash\/core/, "the proxy's own words");
  });

  it('keeps the same button and link while nothing changes, so that the keyboard stays', async () => {
    says(PLAN);
    show();
    await ready();
    const anchor = view.node.querySelector('a');
    button().focus();
    const asked = proxy.requests.length;
    await until(() => proxy.requests.length > asked + 2);
    show({ note: 'The cell waited for 1s, and waits no longer.' });
    assert.equal(view.node.querySelector('a'), anchor);
    assert.equal(document.activeElement, button());
    assert.match(text(), /waits no longer/);
  });

  it('what is not a plan is refused, above all an id that is a path', () => {
    for (const data of [
      null,
      3,
      [],
      {},
      { ...OUTPUT, id: '../session' },
      { ...OUTPUT, id: 7 },
      { ...OUTPUT, state: 'fine' }
    ]) {
      assert.equal(readPlanOutput(data), null);
    }
  });
});

/** Nothing is asked during several intervals. */
async function quiet(proxy: ProxyStand): Promise<void> {
  const asked = proxy.requests.length;
  await new Promise(resolve => setTimeout(resolve, 200));
  assert.equal(proxy.requests.length, asked, 'a plan that is over is not asked after');
}
