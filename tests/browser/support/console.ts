import { expect, type Locator, type Page } from '@playwright/test';

import { loadedSite } from './notebook.ts';

interface IApp {
  commands: { execute(id: string, args?: object): Promise<unknown> };
}

/** A code console, as a person uses it. */
export class Console {
  private constructor(private readonly _page: Page) {}

  /** Makes a new console in the site that is open in the page. */
  static async create(page: Page): Promise<Console> {
    await loadedSite(page);
    await page.evaluate(async () => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      await app.commands.execute('console:create', {
        activate: true,
        kernelPreference: { name: 'python' }
      });
    });
    const opened = new Console(page);
    await expect(opened._prompt).toBeVisible();
    return opened;
  }

  /** Types code at the prompt and runs it; returns what comes out below it, as it comes. */
  async enter(source: string): Promise<Locator> {
    const cells = this._page.locator(
      '.jp-CodeConsole-content .jp-CodeCell.jp-Cell'
    );
    const before = await cells.count();
    await this._prompt.click();
    await this._prompt.fill(source);
    await this._page.keyboard.press('Shift+Enter');
    await expect(cells).toHaveCount(before + 1);
    return cells.nth(before).locator('.jp-OutputArea');
  }

  /** Kernel › Interrupt Kernel. */
  async stop(): Promise<void> {
    await this._page
      .getByRole('menuitem', { name: 'Kernel', exact: true })
      .click();
    await this._page
      .getByRole('menuitem', { name: 'Interrupt Kernel' })
      .click();
  }

  private get _prompt(): Locator {
    return this._page.locator('.jp-CodeConsole-promptCell .cm-content');
  }
}
