import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test as base } from '../support/fixtures.ts';
import { errorText, Notebook, plainText } from '../support/notebook.ts';
import { Proxy } from '../support/proxy.ts';

/** A Prometheus that takes every question and never answers. */
class Silent {
  /** Questions that wait for their answer. */
  asked = 0;
  /** Questions whose asker hung up. */
  given = 0;

  private readonly _server = http.createServer((request, response) => {
    request.resume();
    this.asked += 1;
    response.on('close', () => (this.given += 1));
  });

  async start(): Promise<string> {
    await new Promise<void>(resolve =>
      this._server.listen(0, '127.0.0.1', resolve)
    );
    const { port } = this._server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this._server.closeAllConnections();
    await new Promise(resolve => this._server.close(resolve));
  }
}

const test = base.extend<{ silent: Silent; terminal: Proxy }>({
  // eslint-disable-next-line no-empty-pattern
  silent: async ({}, use) => {
    const silent = new Silent();
    await use(silent);
    await silent.stop();
  },
  terminal: async ({ silent, drill }, use) => {
    const terminal = await Proxy.start('stop', {
      tables: drill.tables,
      sources: { silent: { url: await silent.start(), timeout: '5m' } }
    });
    await use(terminal);
    await terminal.stop();
  }
});

test('Stop ends the query that runs, up to Prometheus, and the next cell runs', async ({
  page,
  terminal,
  silent
}) => {
  const notebook = await Notebook.create(page, await terminal.link());
  plainText(
    await notebook.run('import casebook as cb\ncb.window(last="5m")\nkept = 41')
  );
  const before = silent.asked - silent.given;
  const running = notebook.run(
    'late = await cb.prometheus("silent").query_range("up")'
  );
  running.catch(() => undefined);
  await expect.poll(() => silent.asked - silent.given).toBe(before + 1);
  await page.getByRole('button', { name: 'Interrupt the kernel' }).click();
  expect(errorText(await running)).toMatch(
    /StoppedError.*You stopped this cell before its end\./
  );
  await expect.poll(() => silent.asked - silent.given).toBe(before);
  expect(plainText(await notebook.run('print(kept + 1)'))).toContain('42');
});

test('Stop takes the plan back that a cell waits for', async ({
  page,
  terminal
}) => {
  const notebook = await Notebook.create(page, await terminal.link());
  plainText(
    await notebook.run(
      'import casebook as cb\n' +
        'host = await cb.ssh(await cb.aws().instance(tags={"kind": "object4"}))\n' +
        'plan = await host.quarantine("/var/crash/core")'
    )
  );
  const waiting = notebook.run('await plan.apply()');
  waiting.catch(() => undefined);
  const shown = page.getByRole('region', { name: 'Plan' });
  await expect(shown.getByRole('button')).toBeEnabled();
  await notebook.execute('notebook:enter-command-mode');
  await page.locator('.jp-Notebook .jp-Cell.jp-mod-active').focus();
  await page.keyboard.press('i');
  await page.keyboard.press('i');
  expect(errorText(await waiting)).toMatch(
    /StoppedError.*You stopped this cell\. Moves .*: cancelled\. It was cancelled/
  );
  await expect(shown.getByRole('status')).toHaveText(/Cancelled\. Moves /);
  const stands = await notebook.run('print((await plan.refresh()).state)');
  expect(plainText(stands)).toContain('cancelled');
});

test('a cell that computes says that it does not hear Stop', async ({
  page,
  terminal
}) => {
  const notebook = await Notebook.create(page, await terminal.link());
  plainText(await notebook.run('import time'));
  const running = notebook.run(
    'until = time.monotonic() + 12\n' +
      'while time.monotonic() < until:\n    pass\nprint("its own end")'
  );
  running.catch(() => undefined);
  await page.waitForTimeout(500);
  await page.getByRole('button', { name: 'Interrupt the kernel' }).click();
  await expect(
    page.getByText(/The cell has not stopped/).first()
  ).toBeVisible();
  expect(plainText(await running)).toContain('its own end');
  expect(plainText(await notebook.run('print(6 * 7)'))).toContain('42');
});
