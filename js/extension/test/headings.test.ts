import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { cutAtHeadings, findHeadings } from '../src/report/headings';
import { installPage, parsed, writers } from './report-page';

const TEXTS = [
  '# a\n\n### b #\n\n####### c\n#d\n#\te',
  'a\n=\n\nb\nc\n---\n\n---\n\n- d\n---\n> e\n---\n\nf\n\n---',
  '```sh\n# a\n---\n```\n# b\n~~~~\n# c\n~~~\n```\n# d\n~~~~\n## e\n```\n# f',
  '``` `a` ```\n# b',
  '<!--\n# a\n\n# b -->\n# c\n\n<pre>\n# d\n\n</pre>\n\n## e',
  '<div>\na\n---\n</div>\n\n[a]: b\n---\n\n    c\n---\n# d',
  '1. a\nb\n---\n\n| a |\n|---|\n| b |\n\nc\n---',
  'a\n</div>\n# b\n\n# c\n<details><summary>\n# d\n\n# e',
  'a\n***\nb\n=====   \n\n\n# '
];

describe('the headings of a text', () => {
  before(installPage);

  it('are those that the parser of markdown sees', async () => {
    const written = await writers();
    for (const text of TEXTS) {
      const page = parsed(await written.markdown(text));
      const levels = [...page.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(({ tagName }) =>
        Number(tagName.slice(1))
      );
      const found = findHeadings(text);
      assert.deepEqual(
        found.map(({ level }) => level),
        levels,
        JSON.stringify(text)
      );
    }
  });

  it('are none in a formula', () => {
    assert.deepEqual(findHeadings('$$\nE\n=\nmc^2\n$$\n\n$$x$$\n# a'), [{ line: 7, level: 1 }]);
  });

  it('cut it where the first two levels begin', () => {
    assert.deepEqual(cutAtHeadings('a\n\n# b\n### c\nd\ne\n---\n\nf'), [
      'a',
      '# b\n### c',
      'd\ne\n---\n\nf'
    ]);
    assert.deepEqual(cutAtHeadings('### a\n\nb\n'), ['### a\n\nb\n']);
    assert.deepEqual(cutAtHeadings(''), ['']);
  });
});
