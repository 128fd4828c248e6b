import { expect, sharedTest as test } from '../support/fixtures.ts';
import { errorText, plainText } from '../support/notebook.ts';

test('when the session ends, signing in again keeps page and kernel', async ({
  page,
  notebook,
  casebook,
  drill
}) => {
  const ask = 'm = await cb.prometheus().query_range("level")\nprint(len(m))';
  plainText(
    await notebook.run(
      `import casebook as cb\nkept = 41\ncb.window(${drill.onset}, ${drill.onset + 120})\n${ask}`
    )
  );

  await page.context().clearCookies();
  const text = errorText(await notebook.run(ask));
  expect(text).toContain('SessionError');
  expect(text, 'what to try').toMatch(/sign in/i);

  await notebook.execute('casebook:refresh-connection');
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Sign in to go on');
  await dialog.getByLabel('Link or token').fill(await casebook.link());
  await dialog.getByRole('button', { name: 'Sign In' }).click();
  // The dialog closes before the proxy has said yes.
  await expect(dialog).toBeHidden();
  await expect(page.locator('.casebook-Status')).not.toContainText(
    'signed out'
  );
  expect(plainText(await notebook.run(`${ask}\nprint(kept + 1)`))).toContain(
    '42'
  );
});

test('when the proxy restarts, the notebook goes on', async ({
  page,
  notebook,
  casebook,
  drill
}) => {
  const ask = 'm = await cb.prometheus().query_range("level")\nprint(len(m))';
  plainText(
    await notebook.run(
      `import casebook as cb\ncb.window(${drill.onset}, ${drill.onset + 120})\n${ask}`
    )
  );
  await casebook.restart();
  await notebook.execute('casebook:refresh-connection');
  const dialog = page.getByRole('dialog');
  const signedOut = await page.request.get(`${casebook.origin}/api/v1/session`);
  if (signedOut.status() === 401) {
    await dialog.getByLabel('Link or token').fill(await casebook.link());
    await dialog.getByRole('button', { name: 'Sign In' }).click();
  }
  await expect(dialog).toBeHidden();
  await expect(page.locator('.casebook-Status')).not.toContainText(
    'signed out'
  );
  expect(plainText(await notebook.run(ask))).toContain('8');
});
