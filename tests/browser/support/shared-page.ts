import { type BrowserContext, expect, type Page } from '@playwright/test';

import { loadedSite } from './notebook.ts';
import type { Proxy } from './proxy.ts';

/** What a test may have said to the kernel, forgotten: its names, its outputs, its window and case. */
const FORGET = `
def forget(shell):
    from casebook import _notebook
    for name in shell.user_ns.keys() - shell.user_ns_hidden.keys():
        del shell.user_ns[name]
    shell.displayhook.flush()
    _notebook.notebook.__init__()
forget(get_ipython())
`;

/** What tests listen to on a page. */
const EVENTS = [
  'console',
  'dialog',
  'download',
  'filechooser',
  'pageerror',
  'popup',
  'request',
  'requestfailed',
  'response'
] as const;

interface IModel {
  path: string;
  type: string;
  content: unknown;
}

/** The part of JupyterLab's application that is put in order between tests. */
interface IApp {
  commands: { execute(id: string, args?: object): Promise<unknown> };
  shell: { widgets(area: string): Iterable<{ dispose(): void }> };
  serviceManager: {
    contents: {
      get(path: string, options: object): Promise<IModel>;
      delete(path: string): Promise<void>;
    };
    sessions: {
      startNew(
        options: ISessionOptions,
        connection?: object
      ): Promise<ISession>;
    };
  };
}

interface ISessionOptions {
  name: string;
  path: string;
  type: string;
  kernel?: { id?: string; name: string };
}

interface ISession {
  kernel: {
    id: string;
    requestExecute(content: object): {
      done: Promise<{ content: { status: string; traceback?: string[] } }>;
    };
  };
}

interface IWindow {
  jupyterapp: IApp;
  /** The session that keeps the kernel, and the files that came with the site. */
  sharedPage: { session: ISession; files: string[] };
}

/**
 * One page for many tests, with a kernel that runs: JupyterLab and Pyodide are booted once.
 *
 * Every notebook that is opened in it joins this kernel, whoever opens it. What one test leaves must not help
 * or hinder the next one: `tidy` comes before each.
 */
export class SharedPage {
  private constructor(
    readonly page: Page,
    private readonly _proxy: Proxy
  ) {}

  /** Signs in, and waits until the kernel has its first answer. */
  static async open(
    context: BrowserContext,
    proxy: Proxy
  ): Promise<SharedPage> {
    const page = await context.newPage();
    await page.goto(await proxy.link());
    await loadedSite(page);
    await page.evaluate(async () => {
      const page = window as unknown as IWindow;
      const { sessions } = page.jupyterapp.serviceManager;
      const startNew = sessions.startNew.bind(sessions);
      const session = await startNew({
        name: 'shared',
        path: 'shared',
        type: 'console',
        kernel: { name: 'python' }
      });
      const { id } = session.kernel;
      sessions.startNew = (options, connection) =>
        startNew({ ...options, kernel: { id, name: 'python' } }, connection);
      page.sharedPage = { session, files: [] };
    });
    const shared = new SharedPage(page, proxy);
    const files = await shared._files();
    await page.evaluate(found => {
      (window as unknown as IWindow).sharedPage.files = found;
    }, files);
    await shared._execute(FORGET);
    return shared;
  }

  /** Puts everything back to what it was after `open`. */
  async tidy(): Promise<void> {
    const { page } = this;
    for (const other of page.context().pages()) {
      if (other !== page) {
        await other.close();
      }
    }
    // Behind another tab it would count as hidden, and ask the proxy nothing.
    await page.bringToFront();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    EVENTS.forEach(event => page.removeAllListeners(event));
    await page.emulateMedia({ colorScheme: null });
    await page.mouse.move(0, 0);
    for (let open = 0; open < 3 && (await dialogs(page)) > 0; open++) {
      await page.keyboard.press('Escape');
    }
    expect(await dialogs(page), 'dialogs that do not close').toBe(0);
    await this._endPlans();
    await page.evaluate(async () => {
      const { jupyterapp: app } = window as unknown as IWindow;
      for (const widget of Array.from(app.shell.widgets('main'))) {
        widget.dispose();
      }
      await app.commands.execute('apputils:dismiss-notification');
      if (document.body.dataset.jpThemeLight !== 'true') {
        await app.commands.execute('apputils:change-theme', {
          theme: 'JupyterLab Light'
        });
      }
    });
    await this._deleteFiles();
    await this._execute(FORGET);
    await expect(page.locator('.jp-Launcher')).toBeVisible();
  }

  /** Takes back what waits for an approval. */
  private async _endPlans(): Promise<void> {
    const { origin } = this._proxy;
    const { request } = this.page;
    const headers = { origin, 'sec-fetch-site': 'same-origin' };
    const answer = await request.get(`${origin}/api/v1/plans`);
    expect(answer.ok(), await answer.text()).toBe(true);
    const { plans } = (await answer.json()) as {
      plans: { id: string; state: string }[];
    };
    for (const { id, state } of plans) {
      if (state === 'waiting' || state === 'approved') {
        const url = `${origin}/api/v1/plans/${id}/cancel`;
        const ended = await request.post(url, { headers, data: {} });
        expect(ended.ok(), await ended.text()).toBe(true);
      }
    }
  }

  /** Deletes what was not there at the start. */
  private async _deleteFiles(): Promise<void> {
    const now = await this._files();
    await this.page.evaluate(async found => {
      const { jupyterapp: app, sharedPage } = window as unknown as IWindow;
      for (const file of found) {
        if (!sharedPage.files.includes(file)) {
          await app.serviceManager.contents.delete(file);
        }
      }
    }, now);
  }

  /** The paths of all files. */
  private async _files(): Promise<string[]> {
    return this.page.evaluate(async () => {
      const { contents } = (window as unknown as IWindow).jupyterapp
        .serviceManager;
      const files: string[] = [];
      const folders = [''];
      for (const folder of folders) {
        const { content } = await contents.get(folder, { content: true });
        for (const { type, path } of content as IModel[]) {
          (type === 'directory' ? folders : files).push(path);
        }
      }
      return files;
    });
  }

  /** Runs code in the kernel, outside of any notebook. */
  private async _execute(code: string): Promise<void> {
    const trouble = await this.page.evaluate(async text => {
      const { session } = (window as unknown as IWindow).sharedPage;
      const options = { code: text, silent: true, store_history: false };
      const { content } = await session.kernel.requestExecute(options).done;
      return content.status === 'ok'
        ? []
        : (content.traceback ?? [content.status]);
    }, code);
    expect(trouble, 'the shared kernel').toEqual([]);
  }
}

/** What lies over the page until it is answered or left. */
async function dialogs(page: Page): Promise<number> {
  return page.locator('.jp-Dialog, .casebook-Details').count();
}
