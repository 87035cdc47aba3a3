import { expect, test } from './fixtures.ts';

test('the window opens, finds its host and goes from page to page', async ({ page, frame, studio }) => {
  await expect(page).toHaveTitle('Experiments – Swamp Studio');
  for (const [title, path] of [
    ['New experiment', '/new'],
    ['Compare', '/compare'],
    ['Settings', '/settings'],
    ['Experiments', '/experiments'],
  ] as const) {
    await frame.open(title);
    await expect(page).toHaveURL(new RegExp(`#${path}`));
  }
  expect(studio.hostPid).not.toBeNull();
});

test('an address lets one browser in, once', async ({ page, studio }) => {
  const url = await studio.address();
  expect((await page.request.get(url)).status()).toBe(200);
  const again = await page.request.get(url);
  expect(again.status()).toBe(401);
  expect(await again.text()).toContain('used already');
});
