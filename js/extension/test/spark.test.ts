import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { JSDOM } from 'jsdom';

import { readTable } from '../src/bundle';
import { readSpark, sparkView } from '../src/spark';
import { tableView } from '../src/table-view';

const EVIL = '<img src=x onerror="alert(1)">';

describe('the small lines of tables', () => {
  before(() => {
    globalThis.document = new JSDOM('<!doctype html><body></body>').window.document;
  });

  it('a line is a picture with its least, greatest and last value as words', () => {
    const spark = readSpark({ now: [0, 50, 100], alt: '1 to 9 s, last 9 s' });
    assert.ok(spark);
    const svg = sparkView(spark);
    assert.equal(svg.getAttribute('role'), 'img');
    assert.equal(svg.getAttribute('aria-label'), '1 to 9 s, last 9 s');
    assert.equal(path(svg, 'line'), 'M2 20h0L64 11L126 2');
    assert.equal(svg.querySelector('rect'), null);
  });

  it('the time before is shaded, and the window begins after it', () => {
    const spark = readSpark({ now: [0, 100], before: [0, 50, 25, 100], alt: '' });
    assert.ok(spark);
    const svg = sparkView(spark);
    assert.equal(svg.querySelector('rect')?.getAttribute('width'), '44');
    assert.equal(path(svg, 'habit'), 'M0 10.5H22V20.5H0ZM22 1.5H44V16H22Z');
    assert.match(path(svg, 'line'), /^M46 20h0L126 2$/);
  });

  it('a gap is a gap, and a lone sample a dot', () => {
    const spark = readSpark({ now: [0, null, 100, 0], before: [null, null, 0, 100], alt: '' });
    assert.ok(spark);
    const svg = sparkView(spark);
    assert.equal((path(svg, 'line').match(/M/g) ?? []).length, 2);
    assert.equal(path(svg, 'habit'), 'M22 1.5H44V20.5H22Z');
  });

  it('a past that stood still is a line, not nothing', () => {
    const spark = readSpark({ now: [100], before: [0, 0], alt: '' });
    assert.ok(spark);
    assert.equal(path(sparkView(spark), 'habit'), 'M0 19.5H44V20.5H0Z');
  });

  it('what a notebook may hold instead of a line is not drawn', () => {
    const wrong = [
      null,
      'line',
      [],
      {},
      { now: 'x' },
      { now: [NaN] },
      { now: ['1'] },
      { now: [1], before: [1] },
      { now: { length: 1e9 } },
      { now: Array.from({ length: 201 }, () => 1) }
    ];
    for (const data of wrong) {
      assert.equal(readSpark(data), null, JSON.stringify(data));
    }
    const table = readTable({ columns: [{ key: 'a', label: 'a' }], rows: [{ a: { now: 'x' } }] });
    assert.ok(table);
    assert.equal(tableView(table).querySelector('td')?.textContent, '');
  });

  it('a height beyond the cell stays in it, and words are words', () => {
    const spark = readSpark({ now: [-1e9, 1e9], alt: EVIL });
    assert.ok(spark);
    const svg = sparkView(spark);
    assert.equal(path(svg, 'line'), 'M2 20h0L126 2');
    assert.equal(svg.querySelector('title')?.textContent, EVIL);
    assert.equal(svg.querySelectorAll('img').length, 0);
  });

  it('a table has them in its cells, its sentences above, and further tables below', () => {
    const columns = [{ key: 'line', label: '5 min' }];
    const table = readTable({
      caption: 'Suspects: by service',
      headline: 'cart stands out',
      tone: 'bad',
      columns,
      rows: [{ line: { now: [1, 2], alt: '1 to 2' } }],
      lines: [
        { text: 'It rose.', kind: 'plain' },
        { text: 'Louder.', kind: 'interesting' },
        { text: 'In the band.', kind: 'unremarkable' },
        { text: EVIL, kind: 'warning' },
        { text: 'Later kind.', kind: 'later' },
        7
      ],
      also: [
        { caption: 'Series', columns, rows: [{ line: 'x' }], also: [{ columns, rows: [] }] },
        3
      ]
    });
    assert.ok(table);
    const node = tableView(table);
    assert.equal(node.querySelector('td svg')?.getAttribute('aria-label'), '1 to 2');
    const sentences = [...node.querySelectorAll('.casebook-Table-lines li')];
    assert.deepEqual(
      sentences.map(item => item.textContent),
      [
        'It rose.',
        '●Speaks for it: Louder.',
        '○Does not: In the band.',
        `▲Warning: ${EVIL}`,
        'Later kind.'
      ]
    );
    assert.deepEqual(
      [...node.querySelectorAll('caption')].map(caption => caption.textContent),
      ['Suspects: by service', 'Series']
    );
    const order = node.textContent;
    assert.ok(order.indexOf('cart stands out') < order.indexOf('It rose.'));
    assert.ok(order.indexOf('It rose.') < order.indexOf('Suspects: by service'));
    assert.equal(node.querySelectorAll('img').length, 0);
  });
});

function path(svg: SVGElement, part: string): string {
  return svg.querySelector(`.casebook-Spark-${part}`)?.getAttribute('d') ?? '';
}
