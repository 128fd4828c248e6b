import { expect, type Locator, type Page } from '@playwright/test';

/** A cold kernel loads Pyodide, which takes some ten seconds on two cores. */
const KERNEL_PATIENCE = 90_000;

/** The MIME types of casebook's own displays. */
export const CHART = 'application/vnd.casebook.timeseries.v1+json';
export const TABLE = 'application/vnd.casebook.table.v1+json';

/** A notebook without cells. */
export const EMPTY = {
  cells: [],
  metadata: { kernelspec: { name: 'python', display_name: 'Python' } },
  nbformat: 4,
  nbformat_minor: 5
};

/** One output of a cell, as nbformat has it. */
export interface IOutput {
  output_type: string;
  data?: Record<string, unknown>;
  text?: string | string[];
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

/** The part of JupyterLab's application that tests use; the site exposes it as `window.jupyterapp`. */
interface IApp {
  commands: {
    execute(id: string, args?: object): Promise<unknown>;
  };
  shell: { currentWidget: IPanel | null; activateById(id: string): void };
  restored: Promise<void>;
  serviceManager: {
    contents: {
      get(path: string, options: object): Promise<{ content: unknown }>;
      save(path: string, model: object): Promise<unknown>;
      delete(path: string): Promise<void>;
    };
  };
}

interface IPanel {
  context: { ready: Promise<void>; path: string };
  sessionContext: { ready: Promise<void> };
  content: {
    widgets: { model: ICellModel }[];
    scrollToItem(index: number, align: 'start'): Promise<void>;
    activeCellIndex: number;
    model: {
      sharedModel: {
        insertCell(index: number, cell: object): unknown;
        deleteCell(index: number): void;
      };
    };
  };
}

interface ICellModel {
  type: string;
  sharedModel: { getSource(): string };
  outputs?: { toJSON(): IOutput[] };
  executionState?: string;
}

/** The notebook that is open in the page. */
export class Notebook {
  constructor(readonly page: Page) {}

  /** Opens a sign-in link and waits for the notebook that it leads to. */
  static async open(page: Page, link: string): Promise<Notebook> {
    await page.goto(link);
    const notebook = new Notebook(page);
    await notebook.ready();
    return notebook;
  }

  /** Opens a sign-in link to the plain site, and a new notebook in it. */
  static async create(page: Page, link: string): Promise<Notebook> {
    await page.goto(link);
    return Notebook.createIn(page);
  }

  /** Makes a new notebook in the site that is open in the page. */
  static async createIn(page: Page): Promise<Notebook> {
    await loadedSite(page);
    await page.evaluate(async () => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      const panel = await app.commands.execute('notebook:create-new', {
        kernelName: 'python'
      });
      // A notebook of an earlier visit, which JupyterLab restores, may have come to the front.
      app.shell.activateById((panel as { id: string }).id);
    });
    const notebook = new Notebook(page);
    await notebook.ready();
    return notebook;
  }

  /** Stores a notebook under a name, in the site that is open in the page, and opens it. */
  static async openAs(
    page: Page,
    path: string,
    content: object = EMPTY
  ): Promise<Notebook> {
    await loadedSite(page);
    const notebook = new Notebook(page);
    await notebook.store(path, { type: 'notebook', format: 'json', content });
    await notebook.execute('docmanager:open', { path });
    await expect.poll(() => notebook.path()).toBe(path);
    await notebook.loaded();
    return notebook;
  }

  /** Waits until the notebook's document is loaded and its kernel answers. */
  async ready(): Promise<void> {
    await this.loaded();
    await this.page.evaluate(async () => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      await (app.shell.currentWidget as IPanel).sessionContext.ready;
    });
  }

  /** Waits until the notebook's document is loaded, with or without a kernel. */
  async loaded(): Promise<void> {
    await this.page.waitForFunction(
      () => {
        const app = (window as unknown as { jupyterapp?: IApp }).jupyterapp;
        const panel = app?.shell.currentWidget;
        return (panel?.content?.widgets?.length ?? 0) > 0;
      },
      undefined,
      { timeout: KERNEL_PATIENCE }
    );
    await this.page.evaluate(async () => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      await (app.shell.currentWidget as IPanel).context.ready;
    });
  }

  /** Adds a cell at the end, runs it, and returns its outputs. */
  async run(source: string): Promise<IOutput[]> {
    return this._withDeadline(
      this.page.evaluate(async text => {
        const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
        const { content } = app.shell.currentWidget as IPanel;
        const at = content.widgets.length;
        content.model.sharedModel.insertCell(at, {
          cell_type: 'code',
          source: text
        });
        content.activeCellIndex = at;
        await app.commands.execute('notebook:run-cell');
        return content.widgets[at].model.outputs?.toJSON() ?? [];
      }, source),
      source
    );
  }

  /** Runs the cell that begins with this text once more. */
  async again(start: string): Promise<void> {
    await this._withDeadline(
      this.page.evaluate(async text => {
        const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
        const { content } = app.shell.currentWidget as IPanel;
        content.activeCellIndex = content.widgets.findIndex(cell =>
          cell.model.sharedModel.getSource().startsWith(text)
        );
        await app.commands.execute('notebook:run-cell');
      }, start),
      start
    );
  }

  /** Runs every cell, as the menu does, and returns the outputs of each code cell. */
  async runAll(): Promise<IOutput[][]> {
    await this._withDeadline(this.execute('notebook:run-all-cells'), 'Run All');
    return this.outputs();
  }

  /** What each code cell shows now. */
  async outputs(): Promise<IOutput[][]> {
    return this.page.evaluate(() => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      const { content } = app.shell.currentWidget as IPanel;
      return content.widgets
        .filter(cell => cell.model.type === 'code')
        .map(cell => cell.model.outputs?.toJSON() ?? []);
    });
  }

  /** What the first code cell that contains a text shows now. */
  async outputsOf(part: string): Promise<IOutput[]> {
    return this.page.evaluate(text => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      const { content } = app.shell.currentWidget as IPanel;
      const cell = content.widgets.find(
        ({ model }) =>
          model.type === 'code' && model.sharedModel.getSource().includes(text)
      );
      if (!cell) {
        throw new Error(`no code cell contains ${text}`);
      }
      return cell.model.outputs?.toJSON() ?? [];
    }, part);
  }

  /** Any command of the application. */
  async execute(command: string, args: object = {}): Promise<void> {
    await this.page.evaluate(
      async ([id, options]) => {
        const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
        await app.commands.execute(id as string, options as object);
      },
      [command, args]
    );
  }

  /** Brings the first cell that contains a text into view: what is far from it is not drawn. */
  async show(text: string): Promise<void> {
    await this.page.evaluate(async part => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      const { content } = app.shell.currentWidget as IPanel;
      const index = content.widgets.findIndex(cell =>
        cell.model.sharedModel.getSource().includes(part)
      );
      await content.scrollToItem(index, 'start');
    }, text);
  }

  /** The path of the notebook's file. */
  async path(): Promise<string> {
    return this.page.evaluate(() => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      return (app.shell.currentWidget as IPanel | null)?.context?.path ?? '';
    });
  }

  /** Writes a file of the site. */
  async store(path: string, model: object): Promise<void> {
    await this.page.evaluate(
      async ([name, options]) => {
        const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
        const { contents } = app.serviceManager;
        await contents.save(name as string, options as object);
      },
      [path, model]
    );
  }

  /** Deletes a file of the site. */
  async remove(path: string): Promise<void> {
    await this.page.evaluate(async name => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      await app.serviceManager.contents.delete(name);
    }, path);
  }

  /** What a file of the site holds. */
  async load(path: string): Promise<unknown> {
    return this.page.evaluate(async name => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      const { contents } = app.serviceManager;
      return (await contents.get(name, { content: true })).content;
    }, path);
  }

  /** The charts in the page whose lines are drawn. */
  get charts(): Locator {
    return this.page.locator('.casebook-Plot:has(canvas)');
  }

  /** Switches between JupyterLab's two own themes. */
  async theme(name: 'JupyterLab Light' | 'JupyterLab Dark'): Promise<void> {
    await this.execute('apputils:change-theme', { theme: name });
    const light = String(name === 'JupyterLab Light');
    await expect(this.page.locator('body')).toHaveAttribute(
      'data-jp-theme-light',
      light
    );
    // What JupyterLab lays over the page while it changes.
    await expect(this.page.locator('#jupyterlab-splash')).toHaveCount(0);
  }

  private async _withDeadline<T>(work: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`the kernel did not finish: ${what}`)),
        KERNEL_PATIENCE
      );
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Waits until JupyterLab is there. */
export async function loadedSite(page: Page): Promise<void> {
  await page.waitForFunction(() => 'jupyterapp' in window, undefined, {
    timeout: KERNEL_PATIENCE
  });
  await page.evaluate(async () => {
    await (window as unknown as { jupyterapp: IApp }).jupyterapp.restored;
  });
}

/** Keeps kernels from starting in a page that only shows what is there: each costs ten seconds of both cores. */
export async function withoutKernels(page: Page): Promise<void> {
  await page.route('**/pyodide-kernel-extension/static/*.worker.*.js', route =>
    route.abort()
  );
}

/** The error that a cell ended with, as the person reads it; fails when there is none. */
export function errorText(outputs: IOutput[]): string {
  const error = outputs.find(output => output.output_type === 'error');
  expect(error, 'the cell ends with an error').toBeDefined();
  return `${error?.ename}: ${error?.evalue}`;
}

/** Everything that the outputs say as text; fails when one of them is an error. */
export function plainText(outputs: IOutput[]): string {
  for (const output of outputs) {
    expect(output.output_type, output.evalue ?? '').not.toBe('error');
  }
  const parts = outputs.map(
    output => output.data?.['text/plain'] ?? output.text
  );
  return parts.flat().join('');
}

/** The one display bundle of a MIME type among outputs. */
export function display(outputs: IOutput[], mime: string): unknown {
  const found = outputs.filter(output => output.data && mime in output.data);
  expect(found.length, `outputs with ${mime}`).toBeGreaterThan(0);
  return found[0].data?.[mime];
}
