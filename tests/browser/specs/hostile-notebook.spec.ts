import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Page } from '@playwright/test';

import { Exported, exportAs } from '../support/exported.ts';
import { expect } from '../support/fixtures.ts';
import { HOSTILE_HTML, hostileNotebook } from '../support/hostile-notebook.ts';
import { loadedSite, Notebook, withoutKernels } from '../support/notebook.ts';
import { ownIncidentTest as test } from '../support/own-incident.ts';
import { picture } from '../support/picture.ts';

test.setTimeout(120_000);

test('nothing of a hostile notebook runs: in Casebook, in its report, in its slides', async ({
  page,
  browser,
  terminal,
  outside
}) => {
  const refused: string[] = [];
  page.on('requestfailed', request => {
    if (request.failure()?.errorText === 'csp') {
      refused.push(request.url());
    }
  });
  const ran: string[] = [];
  await page.exposeFunction('canary', (what: string) => ran.push(what));
  page.on('dialog', dialog => {
    ran.push(dialog.message());
    void dialog.dismiss();
  });
  await withoutKernels(page);
  await page.goto(await terminal.link());
  const notebook = await openUnguarded(page, 'hostile.ipynb');
  const drawn = await drawAll(page);
  expect(drawn.trusted, 'cells that are trusted').toBe(0);
  expect(drawn.markdown.all).toBeGreaterThan(HOSTILE_HTML.length);
  expect(drawn.markdown.drawn, 'cells of text').toBe(drawn.markdown.all);
  expect(drawn.outputs.all).toBeGreaterThan(HOSTILE_HTML.length);
  // For a script or a widget alone JupyterLab has nothing that is safe.
  expect(drawn.outputs.drawn, 'outputs').toBe(drawn.outputs.all - 2);
  // MathJax draws when it is loaded, and then once more.
  await expect(page.locator('.jp-Notebook mjx-container')).not.toHaveCount(0);
  expect(await scriptLinks(page)).toEqual([]);
  await notebook.execute('docmanager:save');
  expect(ran).toEqual([]);

  for (const format of ['HTML report', 'Slides']) {
    const { file } = await exportAs(notebook, format);
    const html = readFileSync(file, 'utf8');
    // The cleaning has to do without the policy, too.
    const bare = file.replace('.html', '.bare.html');
    writeFileSync(bare, html.replace(/<meta http-equiv[^>]*>/, ''));
    for (const variant of [file, bare]) {
      const shown = await Exported.open(browser, variant);
      await shown.poke();
      expect(shown.wrongs, path.basename(variant)).toEqual([]);
      const links = await shown.page
        .locator('[href], [src], [srcset], [action]')
        .evaluateAll(nodes =>
          nodes.flatMap(node =>
            ['href', 'src', 'srcset', 'action'].flatMap(
              name =>
                node.getAttribute(name)?.match(/^(data:[^,]*,|[^]*)/)?.[0] ?? []
            )
          )
        );
      expect(
        links.filter(
          link =>
            !/^(#|https:\/\/ok\.test\/|mailto:|data:image\/|\?view=print$)/.test(
              link
            )
        )
      ).toEqual(['data:application/x-ipynb+json;base64,']);
      await picture(shown.page, path.basename(variant), { fullPage: true });
      await shown.close();
    }
  }
  expect(ran).toEqual([]);

  // The fixture counts what a page asks for; these the page's policy kept from being sent.
  const sent = () => without(outside.asked, refused);
  await expect.poll(sent, 'asked for, and not refused').toEqual([]);

  await test.step('a script that does run is noticed', async () => {
    const file = test.info().outputPath('control.html');
    writeFileSync(file, '<script>canary("control")</script>');
    const shown = await Exported.open(browser, file);
    await expect.poll(() => shown.wrongs).toEqual(['ran control']);
    await shown.close();
    const trusting = notebook.execute('notebook:trust');
    await page.getByRole('button', { name: 'Confirm Trusting' }).click();
    await trusting;
    await expect.poll(() => ran).toContain('javascript');
    await page.close();
  });
  // Whatever it asked for once it was trusted.
  outside.asked.length = 0;
});

/** What is left of some when each of others is taken out once. */
function without(some: string[], others: string[]): string[] {
  const left = [...some];
  for (const other of others) {
    const at = left.indexOf(other);
    if (at >= 0) {
      left.splice(at, 1);
    }
  }
  return left;
}

/** A file's notebook, as JupyterLab keeps it. */
interface IStored {
  get(path: string, options: object): Promise<{ content: unknown }>;
  save(path: string, model: object): Promise<unknown>;
}

interface IApp {
  serviceManager: { contents: IStored };
  shell: {
    currentWidget: {
      content: {
        scrollToItem(index: number): Promise<void>;
        widgets: {
          ready: Promise<void>;
          node: HTMLElement;
          model: {
            type: string;
            trusted: boolean;
            outputs?: { length: number };
          };
        }[];
      };
    };
  };
}

/** Opens the hostile notebook from a file that says it is trusted: Casebook was not there when it was stored. */
async function openUnguarded(page: Page, name: string): Promise<Notebook> {
  await loadedSite(page);
  const kept = await page.evaluate(
    async ([file, content]) => {
      const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
      const { contents } = app.serviceManager;
      // Casebook wraps the methods of the object; those of its class are JupyterLab's own.
      const own = Object.getPrototypeOf(contents) as IStored;
      await own.save.call(contents, file as string, {
        type: 'notebook',
        format: 'json',
        content
      });
      const options = { type: 'notebook', content: true };
      return (await own.get.call(contents, file as string, options)).content;
    },
    [name, hostileNotebook()]
  );
  expect(kept, 'stored with its claim').toEqual(hostileNotebook());
  const notebook = new Notebook(page);
  await notebook.execute('docmanager:open', { path: name });
  await expect.poll(() => notebook.path()).toBe(name);
  await notebook.loaded();
  return notebook;
}

interface ICount {
  drawn: number;
  all: number;
}

/** Has JupyterLab draw every cell, which it does when one comes into view, and counts what it drew. */
async function drawAll(
  page: Page
): Promise<{ markdown: ICount; outputs: ICount; trusted: number }> {
  return page.evaluate(async () => {
    const app = (window as unknown as { jupyterapp: IApp }).jupyterapp;
    const { content } = app.shell.currentWidget;
    const markdown = { drawn: 0, all: 0 };
    const outputs = { drawn: 0, all: 0 };
    for (const [index, cell] of content.widgets.entries()) {
      await content.scrollToItem(index);
      await cell.ready;
    }
    await new Promise(resolve => setTimeout(resolve, 500));
    for (const { model, node } of content.widgets) {
      const count = (selector: string) =>
        node.querySelectorAll(selector).length;
      if (model.type === 'markdown') {
        markdown.all += 1;
        markdown.drawn += count('.jp-MarkdownOutput');
      }
      outputs.all += model.outputs?.length ?? 0;
      outputs.drawn += count('.jp-OutputArea-output');
    }
    const trusted = content.widgets.filter(cell => cell.model.trusted).length;
    return { markdown, outputs, trusted };
  });
}

/** The links in the notebook that would run a script, MathJax's included. */
async function scriptLinks(page: Page): Promise<string[]> {
  return page.locator('.jp-Notebook a').evaluateAll(links =>
    links
      .flatMap(link => Array.from(link.attributes))
      .filter(({ name, value }) => /href$/.test(name) && /script:/i.test(value))
      .map(({ value }) => value)
  );
}
