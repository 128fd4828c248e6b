import { expect, sharedTest as test } from '../support/fixtures.ts';

test('the status bar says who is signed in and how the sources are', async ({
  page
}) => {
  const item = page.locator('.casebook-Status');
  await expect(item).toContainText('down down');
  await expect(item).not.toContainText('main');
  await item.getByRole('button').click();
  await expect(page.getByText(/Signed in as \S+ until/)).toBeVisible();
  await expect(page.getByRole('row', { name: /^main/ })).toContainText('up');
  await expect(page.getByRole('row', { name: /^down/ })).toContainText('down');
  // More sources than its height has room for.
  const again = page.getByRole('button', { name: 'Ask again' });
  await expect(again).toBeInViewport({ ratio: 1 });
  await again.click();
  await expect(again).toBeVisible();
});
