import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { findToken } from '../src/login-token';

const TOKEN = '0123456789abcdef0123456789abcdef';

describe('a pasted link', () => {
  for (const [what, pasted] of [
    ['a whole link', `http://localhost:8787/auth/#token=${TOKEN}&next=%2Flab%2F`],
    ['a link without next', `http://localhost:8787/auth/#token=${TOKEN}`],
    ['the line of the terminal', `  link: http://localhost:8787/auth/#token=${TOKEN}\n`],
    ['the fragment', `#token=${TOKEN}`],
    ['the token alone', ` ${TOKEN}\n`]
  ] as const) {
    it(`gives its token: ${what}`, () => {
      assert.equal(findToken(pasted), TOKEN);
    });
  }

  for (const pasted of ['', 'hello', 'http://localhost:8787/lab/index.html', 'token=', 'abc']) {
    it(`gives none when there is none: "${pasted}"`, () => {
      assert.equal(findToken(pasted), null);
    });
  }
});
