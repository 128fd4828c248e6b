import { expect, test } from '../support/fixtures.ts';
import { errorText, Notebook, plainText } from '../support/notebook.ts';
import { Proxy } from '../support/proxy.ts';

test('when the session ends, signing in again keeps page and kernel', async ({
  page,
  casebook,
  drill
}) => {
  const notebook = await Notebook.create(page, await casebook.link());
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
  await expect(dialog).toBeHidden();
  expect(plainText(await notebook.run(`${ask}\nprint(kept + 1)`))).toContain(
    '42'
  );
});

test('when the proxy restarts, the notebook goes on', async ({
  page,
  drill
}) => {
  const casebook = await Proxy.start('restart', {
    sources: { main: { url: drill.url } }
  });
  try {
    const notebook = await Notebook.create(page, await casebook.link());
    const ask = 'm = await cb.prometheus().query_range("level")\nprint(len(m))';
    plainText(
      await notebook.run(
        `import casebook as cb\ncb.window(${drill.onset}, ${drill.onset + 120})\n${ask}`
      )
    );
    await casebook.restart();
    await notebook.execute('casebook:refresh-connection');
    const dialog = page.getByRole('dialog');
    const signedOut = await page.request.get(
      `${casebook.origin}/api/v1/session`
    );
    if (signedOut.status() === 401) {
      await dialog.getByLabel('Link or token').fill(await casebook.link());
      await dialog.getByRole('button', { name: 'Sign In' }).click();
    }
    await expect(dialog).toBeHidden();
    expect(plainText(await notebook.run(ask))).toContain('8');
  } finally {
    await casebook.stop();
  }
});
