import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { ConnectionModel } from '../src/connection-model';
import { summarize } from '../src/connection-summary';
import { ProxyApi, ProxyError } from '../src/proxy-api';
import { ProxyStand } from './proxy';
import { until } from './until';

describe('the connection', () => {
  let proxy: ProxyStand;
  let model: ConnectionModel;

  beforeEach(async () => {
    proxy = new ProxyStand();
    await proxy.start();
    const api = new ProxyApi({ origin: proxy.origin });
    model = new ConnectionModel({ api, interval: 40, standby: 'never' });
  });

  afterEach(async () => {
    model.dispose();
    await proxy.stop();
  });

  it('says who is signed in and that the source is up', async () => {
    proxy.signedIn('ada');
    await model.start();
    assert.equal(model.status.state, 'online');
    assert.equal(model.status.session?.expiresAt.toISOString(), '2026-11-22T15:00:00.000Z');
    assert.deepEqual(summarize(model.status), { tone: 'ok', text: 'ada, main up' });
  });

  it('says which source is down', async () => {
    proxy.signedIn('ada', {
      prometheus: [
        { name: 'main', health: { state: 'up', detail: '' } },
        { name: 'edge', health: { state: 'down', detail: 'connection refused' } }
      ]
    });
    await model.start();
    assert.deepEqual(summarize(model.status), { tone: 'bad', text: 'ada, edge down' });
  });

  it('notices by itself that the session ended, and that it is back after signing in', async () => {
    proxy.signedIn('ada');
    await model.start();
    const states: string[] = [];
    model.changed.connect((_, { after }) => states.push(after.state));

    proxy.signedOut();
    await until(() => model.status.state === 'signed-out');
    assert.equal(model.status.session, null);
    assert.equal(model.status.problem, 'No session. Open a login link.');

    proxy.answers.set('/auth/login', { status: 200, body: { user: 'ada' } });
    proxy.signedIn('ada');
    await model.signIn('c0ffee');
    assert.equal(model.status.state, 'online');
    assert.deepEqual(states, ['signed-out', 'online']);
    const login = proxy.requests.find(({ path }) => path === '/auth/login');
    assert.equal(login?.body, '{"token":"c0ffee"}');
  });

  it('tells the person why a token was refused, and stays signed out', async () => {
    proxy.signedOut();
    await model.start();
    proxy.answers.set('/auth/login', {
      status: 401,
      body: {
        status: 'error',
        errorType: 'token',
        error: 'this link was used before',
        next: 'press Enter in the terminal for another'
      }
    });
    await assert.rejects(model.signIn('00'), (error: unknown) => {
      assert.ok(error instanceof ProxyError);
      assert.equal(
        error.message,
        'This link was used before. Press Enter in the terminal for another.'
      );
      return true;
    });
    assert.equal(model.status.state, 'signed-out');
  });

  it('keeps who was signed in while the proxy is away, and comes back by itself', async () => {
    proxy.signedIn('ada');
    await model.start();
    await proxy.stop();
    await until(() => model.status.state === 'unreachable');
    assert.equal(model.status.session?.user, 'ada');
    assert.match(model.status.problem, /does not answer.*casebook-proxy serve/);
    await proxy.start();
    await until(() => model.status.state === 'online');
  });

  it('asks less often while the proxy is away', async () => {
    proxy.answers.set('/api/v1/session', { status: 503, body: 'busy' });
    await model.start();
    const before = proxy.requests.length;
    await new Promise(resolve => setTimeout(resolve, 600));
    const asked = proxy.requests.length - before;
    // Each pause is drawn between the interval and twice the last one: 12 draws are never this short.
    assert.ok(asked >= 1 && asked < 12, `asked ${asked} times where 15 intervals passed`);
  });

  it('says so when the proxy speaks another version of the API', async () => {
    proxy.signedIn('ada', { api: 2, prometheus: { shaped: 'otherwise' } });
    await model.start();
    assert.equal(model.status.state, 'mismatch');
    assert.match(model.status.problem, /version 2 of the API, this page version 1/);
  });

  it('says so when something else serves the page', async () => {
    await model.start();
    assert.equal(model.status.state, 'no-proxy');
    assert.match(model.status.problem, /not served by casebook-proxy/);
  });

  it('does not take any JSON for a session', async () => {
    proxy.answers.set('/api/v1/session', { status: 200, body: { hello: 'world' } });
    await model.start();
    assert.equal(model.status.state, 'no-proxy');
  });
});
