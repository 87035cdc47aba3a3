import { expect, test } from './fixtures.ts';

test('the window opens from app://, sandboxed, and reaches its host', async ({ desktop }) => {
  const page = await desktop.start();
  expect(page.url()).toMatch(/^app:\/\/swamp\//);
  await page.screenshot({ path: '/tmp/b-el.png' });
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await expect(page).toHaveURL(/settings/);
  await page.screenshot({ path: '/tmp/b-el2.png' });
  const info = await page.evaluate(() => window.swampShell?.call('shell.info', undefined));
  console.log(info);
  await desktop.quit();
});
