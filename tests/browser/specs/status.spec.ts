import { expect, test } from '../support/fixtures.ts';
import { Proxy } from '../support/proxy.ts';

test('the status bar says who is signed in and how the sources are', async ({
  page,
  drill
}) => {
  const casebook = await Proxy.start('status', {
    sources: { main: { url: drill.url } }
  });
  try {
    await page.goto(await casebook.link());
    const item = page.locator('.casebook-Status');
    await expect(item).toContainText('main up', { timeout: 60_000 });
    await item.getByRole('button').click();
    await expect(page.getByText(/Signed in as \S+ until/)).toBeVisible();
    await expect(page.getByRole('row', { name: /main/ })).toContainText('up');
  } finally {
    await casebook.stop();
  }
});
