import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { JSDOM } from 'jsdom';

import { readChart, readTable } from '../src/bundle';
import { ChartView, themedSvg } from '../src/chart-view';
import { formatNumber, tableView } from '../src/table-view';

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="8" data-theme="light" role="img"><text>data-theme="light"</text></svg>';

describe('outputs', () => {
  before(() => {
    globalThis.document = new JSDOM('<!doctype html><body></body>').window.document;
  });

  it('a table shows its caption, units, numbers and gaps', () => {
    const table = readTable({
      caption: 'Amplitude',
      columns: [
        { key: 'series', label: 'Series' },
        { key: 'amplitude', label: 'Amplitude', unit: 's', align: 'right' }
      ],
      rows: [
        { series: 'level{which="object4"}', amplitude: 61.123456789 },
        { series: 'level{which="object5"}', amplitude: null }
      ],
      notes: ['1 series has gaps.'],
      tone: 'warn',
      headline: 'object4 swings most'
    });
    assert.ok(table);
    const node = tableView(table);
    assert.equal(node.querySelector('caption')?.textContent, 'Amplitude');
    assert.deepEqual(
      [...node.querySelectorAll('th')].map(th => th.textContent),
      ['Series', 'Amplitude (s)']
    );
    assert.deepEqual(
      [...node.querySelectorAll('td')].map(td => td.textContent),
      ['level{which="object4"}', '61.12', 'level{which="object5"}', '–no value']
    );
    assert.match(node.textContent, /Unsure:\s+object4 swings most/);
    assert.equal(node.querySelector('li')?.textContent, '1 series has gaps.');
  });

  it('a column without a name has no empty heading', () => {
    const table = readTable({
      caption: 'Suspects',
      columns: [
        { key: 'series', label: 'Series' },
        { key: 'odd', label: '' }
      ],
      rows: [{ series: 'object4', odd: 'odd' }]
    });
    assert.ok(table);
    assert.equal(tableView(table).querySelectorAll('th').length, 1);
  });

  it('nothing in a table becomes markup', () => {
    const evil = '<img src=x onerror="alert(1)">';
    const table = readTable({
      caption: evil,
      columns: [{ key: 'a', label: evil, unit: evil }],
      rows: [{ a: evil }],
      notes: [evil],
      headline: evil
    });
    assert.ok(table);
    const node = tableView(table);
    assert.equal(node.querySelectorAll('img').length, 0);
    assert.equal(node.querySelector('td')?.textContent, evil);
  });

  it('a chart is an image with its description, in the theme of the page', () => {
    const chart = readChart({ svg: SVG, alt: 'eight lines', title: 'level' });
    assert.ok(chart);
    const view = new ChartView(chart, 'dark');
    const image = view.node.querySelector('img');
    assert.equal(image?.alt, 'eight lines');
    assert.ok(decodeURIComponent(image.src).includes('width="8" data-theme="dark" role'));
    view.setTheme('light');
    assert.ok(decodeURIComponent(image.src).includes('width="8" data-theme="light" role'));
    assert.equal(view.node.querySelectorAll('svg').length, 0);
  });

  it('the theme is changed on the root element only', () => {
    assert.ok(themedSvg(SVG, 'dark').includes('<text>data-theme="light"</text>'));
    const plain = '<svg><text data-theme="light"/></svg>';
    assert.equal(themedSvg(plain, 'dark'), plain);
  });

  it('what is not a chart or a table is refused', () => {
    for (const data of [null, 3, 'svg', [], {}, { svg: 7 }, { svg: '<html></html>' }]) {
      assert.equal(readChart(data), null);
    }
    for (const data of [null, [], {}, { columns: [], rows: 3 }]) {
      assert.equal(readTable(data), null);
    }
  });

  it('numbers are written for people', () => {
    assert.deepEqual(
      [0, 12, 0.30000000000000004, 1234567.891, -2.5, NaN, Infinity].map(formatNumber),
      ['0', '12', '0.3', '1234568', '-2.5', 'NaN', '+Inf']
    );
  });
});
