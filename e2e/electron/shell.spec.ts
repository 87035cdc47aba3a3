import { expect, shellCall, test } from './fixtures.ts';

test('the window opens and reaches its host', async ({ desktop, studio }) => {
  const page = await desktop.start();
  expect(page.url()).toMatch(/^app:\/\/swamp\//);
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await expect(page).toHaveURL(/settings/);
  expect(await shellCall(page, 'shell.info')).toMatchObject({ library: studio.library });
  expect(studio.hostPid).not.toBeNull();
  await desktop.quit();
});
