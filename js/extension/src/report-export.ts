import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { showErrorMessage } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry, jupyterHighlightStyle } from '@jupyterlab/codemirror';
import { IMarkdownParser, removeMath } from '@jupyterlab/rendermime';
import type { Contents } from '@jupyterlab/services';
import { INbConvertExporters } from '@jupyterlite/services';
import type { IExporter } from '@jupyterlite/services';

import type { IReportOptions } from './report/report';
import type { IWriters } from './report/markdown';

const HTML = 'text/html';

/**
 * How long the browser may take to begin a download, in milliseconds.
 */
const DOWNLOAD_MS = 30_000;

/**
 * Adds "HTML report" and "Slides" to File › Save and Export Notebook As.
 *
 * The registry is JupyterLite's; in a JupyterLab with a server, whose nbconvert makes the menu, there is none.
 */
export const reportExport: JupyterFrontEndPlugin<void> = {
  id: 'casebook:report-export',
  description: 'Exports a notebook as one HTML file: a report, or slides.',
  autoStart: true,
  requires: [IMarkdownParser, IEditorLanguageRegistry],
  optional: [INbConvertExporters],
  activate: (
    _: JupyterFrontEnd,
    markdown: IMarkdownParser,
    languages: IEditorLanguageRegistry,
    exporters: INbConvertExporters | null
  ): void => {
    const writers: IWriters = {
      markdown: source => Promise.resolve(markdown.render(source)),
      highlight: source => highlight(source, languages),
      removeMath
    };
    exporters?.register('HTML report', {
      mimeType: HTML,
      export: exporter('.report.html', async options => {
        const [{ htmlReport }, own] = await Promise.all([
          import('./report/report'),
          import('../style/report/report.raw.css')
        ]);
        return htmlReport({ ...options, styles: [...options.styles, own.default], writers });
      })
    });
    exporters?.register('Slides', {
      mimeType: HTML,
      export: exporter('.slides.html', async options => {
        const [{ htmlSlides }, own, frame, reveal, start] = await Promise.all([
          import('./report/deck'),
          import('../style/report/slides.raw.css'),
          import('./reveal.raw.css'),
          import('reveal-dist/reveal.js?raw'),
          import('../style/report/start-slides.js?raw')
        ]);
        const styles = [frame.default, ...options.styles, own.default];
        return htmlSlides({
          ...options,
          styles,
          writers,
          reveal: reveal.default,
          start: start.default
        });
      })
    });
  }
};

type Options = Omit<IReportOptions, 'writers'>;

function exporter(
  suffix: string,
  write: (options: Options) => Promise<string>
): IExporter['export'] {
  return async ({ content }: Contents.IModel, path: string): Promise<void> => {
    try {
      const sheet = await import('../style/report/content.raw.css');
      const styles = [sheet.default, jupyterHighlightStyle.module?.getRules() ?? ''];
      const html = await write({ content, path, now: new Date(), styles });
      const name = path.replace(/^.*\//, '').replace(/\.ipynb$/i, '');
      download(html, `${name}${suffix}`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await showErrorMessage('The notebook was not exported', message);
    }
  };
}

async function highlight(source: string, languages: IEditorLanguageRegistry): Promise<string> {
  const host = document.createElement('div');
  await languages.highlight(source, languages.findBest('ipython'), host);
  return host.innerHTML;
}

function download(html: string, name: string): void {
  const address = URL.createObjectURL(new Blob([html], { type: HTML }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads the file after this.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  }, DOWNLOAD_MS);
}
