import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { Run } from './pages/run.ts';

// No mouse here.

/** Types into the command palette and takes what is found: the first, or one further down. */
async function command(page: Page, words: string, title: RegExp): Promise<void> {
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Search commands, pages and experiments' });
  await expect(field).toBeFocused();
  await page.keyboard.type(words);
  const option = page.getByRole('option', { name: title });
  await expect(option).toBeVisible();
  const options = page.getByRole('option');
  for (let at = 0; (await option.getAttribute('aria-selected')) !== 'true'; at++) {
    expect(at, 'steps down to what is wanted').toBeLessThan(await options.count());
    await page.keyboard.press('ArrowDown');
  }
  await expect(field).toHaveAttribute('aria-activedescendant', (await option.getAttribute('id')) ?? '');
  await page.keyboard.press('Enter');
  await expect(field).toBeHidden();
}

test('from the empty window to a started demo and its end, by the keyboard alone', async ({ page }) => {
  const demo = page.getByRole('button', { name: 'Run the demo' });
  await expect(demo).toBeVisible();
  const focused = (): Promise<boolean> => demo.evaluate((element) => element === document.activeElement);
  for (let tabs = 0; !(await focused()); tabs++) {
    expect(tabs, 'tabs to the demo').toBeLessThan(20);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  const run = new Run(page);
  await run.experiment();
  await run.is('running');
  await command(page, 'pause', /Pause this experiment/);
  await run.is('paused');
  await command(page, 'go on', /Go on with this experiment/);
  await run.is('running');
  await command(page, 'cancel this', /Cancel this experiment/);
  const dialog = page.getByRole('dialog', { name: 'Cancel this experiment?' });
  await expect(dialog).toBeVisible();
  const sure = dialog.getByRole('button', { name: 'Cancel the experiment' });
  while (!(await sure.evaluate((element) => element === document.activeElement)))
    await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await run.is('cancelled');
  await expect(dialog).toBeHidden();
});

test.describe('with a finished experiment', () => {
  test.use({ begin: 'finished' });

  test('the palette finds pages, actions and experiments', async ({ page, studio }) => {
    const { experiments } = await studio.json<{ experiments: { id: string }[] }>('list');
    const id = experiments[0]?.id ?? '';
    await expect(page.getByRole('treegrid', { name: 'Runs' })).toBeVisible();
    await command(page, 'settings', /^Settings/);
    await expect(page).toHaveURL(/#\/settings/);
    await command(page, 'theme dark', /^Theme: dark/);
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await command(page, 'quick', new RegExp(id));
    const run = new Run(page);
    expect(await run.experiment()).toBe(id);
    await run.is('done');
    await command(page, 'show log', /^Show log/);
    await expect(page.getByRole('log', { name: 'Entries' })).toBeVisible();
    await command(page, 'extend', /^Extend this experiment/);
    await expect(page).toHaveURL(new RegExp(`#/new\\?extend=${id}`));
    // What is not there is said; Escape leaves the page as it was, and the keyboard where it was.
    const name = page.locator('[data-path="name"] input');
    await name.focus();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('nothing of the kind');
    await expect(page.getByText('Nothing of that name.')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(name).toBeFocused();
    await expect(page).toHaveURL(new RegExp(`#/new\\?extend=${id}`));
  });
});
