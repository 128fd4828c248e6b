import { expect, test } from '../support/fixtures.ts';

test('a link signs one browser in, once', async ({ browser, casebook }) => {
  const link = await casebook.link('/lab/index.html');
  const first = await browser.newContext();
  const page = await first.newPage();
  await page.goto(link);
  await page.waitForURL(/\/lab\/index\.html/);
  const session = await page.request.get(`${casebook.origin}/api/v1/session`);
  expect(session.status()).toBe(200);
  expect(page.url(), 'the token is gone from the address').not.toContain(
    'token'
  );
  const cookies = await first.cookies();
  expect(cookies).toHaveLength(1);
  expect(cookies[0]).toMatchObject({
    name: `casebook_session_${casebook.port}`,
    httpOnly: true,
    sameSite: 'Strict'
  });
  await first.close();

  const second = await browser.newContext();
  const again = await second.newPage();
  await again.goto(link);
  await expect(again.locator('body')).toContainText(/link|token/i);
  await expect(
    again.getByRole('alert').or(again.getByRole('status'))
  ).toContainText(/used|expired|not valid|once/i);
  expect(again.url()).toContain('/auth/');
  const refused = await again.request.get(`${casebook.origin}/api/v1/session`);
  expect(refused.status()).toBe(401);
  await second.close();
});

test('a link cannot lead to another site', async ({ context, casebook }) => {
  // Where it leads is what counts, not JupyterLab.
  await context.route('**/lab/**', route => route.fulfill({ body: 'here' }));
  for (const next of [
    'https://example.com/',
    '//example.com/',
    '/\\example.com'
  ]) {
    // A page each, closed with the context: to close or to reuse one in the middle of its navigation can hang.
    const page = await context.newPage();
    await page.goto(await casebook.link(next), { waitUntil: 'commit' });
    await page.waitForURL(url => !url.pathname.startsWith('/auth/'), {
      waitUntil: 'commit'
    });
    const { origin, pathname } = new URL(page.url());
    expect([origin, pathname]).toEqual([casebook.origin, '/lab/index.html']);
  }
});
