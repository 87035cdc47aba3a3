import { AxeBuilder } from '@axe-core/playwright';
import { expect, test as base, type Studio } from './fixtures.ts';
import { ExperimentsPage } from './pages/experiments.ts';

const test = base.extend<{ experiments: ExperimentsPage }>({
  experiments: async ({ page }, use) => await use(new ExperimentsPage(page)),
});

interface Listed {
  readonly id: string;
  readonly tags: readonly string[];
}

/** The one experiment, as the command line lists it. */
async function listed(studio: Studio): Promise<Listed> {
  const { experiments } = await studio.json<{ experiments: Listed[] }>('list');
  const [one] = experiments;
  if (!one) throw new Error('The library is empty');
  return one;
}

test('an empty library says what to do first', async ({ page }) => {
  await expect(page.getByRole('heading', { name: 'Nothing has run yet' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Run the demo' })).toBeEnabled();
});

test.describe('with a finished experiment', () => {
  test.use({ begin: 'finished' });

  test('rows say what the command line says, and are found by words', async ({ experiments, studio }) => {
    const { id } = await listed(studio);
    await expect(experiments.rows).toHaveCount(3);
    for (const arm of ['imp-ensemble(2)', 'swamp(2)']) {
      await expect(experiments.row(arm)).toContainText(id);
      await expect(experiments.row(arm)).toContainText('done');
      await expect(experiments.row(arm)).toContainText('3 / 3');
    }
    await experiments.search.fill('swamp digits');
    await expect(experiments.rows).toHaveCount(1);
    await expect(experiments.page).toHaveURL(/q=swamp/);
    await experiments.search.fill('nothing of the kind');
    await expect(experiments.page.getByRole('heading', { name: 'No run fits' })).toBeVisible();
    await experiments.page.getByRole('button', { name: 'Show all' }).click();
    await expect(experiments.rows).toHaveCount(3);
  });

  test('the keyboard chooses, stars, and takes back', async ({ experiments, page, studio }) => {
    const tags = async (): Promise<unknown> => (await listed(studio)).tags;
    await expect(experiments.rows).toHaveCount(3);
    await experiments.table.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await expect(experiments.table.locator('[aria-selected=true]')).toHaveCount(2);
    await expect(page.getByRole('toolbar')).toContainText('2 runs of 1 experiment');
    await page.keyboard.press('s');
    await expect(experiments.notice('starred')).toBeVisible();
    expect(await tags()).toEqual(['star']);
    await page.keyboard.press('Control+z');
    await expect(experiments.notice('Undone')).toBeVisible();
    expect(await tags()).toEqual([]);
    await page.keyboard.press('Escape');
    await expect(experiments.table.locator('[aria-selected=true]')).toHaveCount(0);
  });

  test('what went to the trash can be restored, and a tag of the command line shows at once', async ({
    experiments,
    page,
    studio,
  }) => {
    const { id } = await listed(studio);
    await studio.swamp('tag', id, 'paper');
    await expect(experiments.row('swamp(2)')).toContainText('paper');
    await experiments.row('swamp(2)').click();
    await page.keyboard.press('Delete');
    await expect(experiments.notice('moved to the trash')).toContainText('emptying it frees');
    await expect(experiments.rows).toHaveCount(0);
    await experiments.shelf('Trash');
    await expect(experiments.rows).toHaveCount(3);
    await experiments.row('swamp(2)').click();
    await page.getByRole('toolbar').getByRole('button', { name: 'Restore' }).click();
    await experiments.shelf('Active');
    await expect(experiments.rows).toHaveCount(3);
  });

  test('the library is checked, and a setting is changed and taken back', async ({ frame, page, studio }) => {
    await frame.open('Settings');
    await page.getByRole('button', { name: 'Check the library' }).click();
    await expect(page.getByText('The library is sound.')).toBeVisible();
    const days = page.getByRole('textbox', { name: /Days in the trash before/ });
    await days.fill('7x');
    await days.press('Enter');
    await expect(page.getByText('“7x” is no number.')).toBeVisible();
    await expect(days).toHaveValue('7x');
    await days.fill('7');
    await days.press('Enter');
    await expect(
      page.getByText('days in the trash before a clean-up removes them for good” changed', { exact: false }),
    ).toBeVisible();
    const { settings } = await studio.json<{ settings: { name: string; value: unknown }[] }>('settings');
    expect(settings.find(({ name }) => name === 'retention.trashDays')?.value).toBe(7);
  });

  for (const theme of ['light', 'dark'] as const)
    test(`axe finds nothing serious, ${theme}`, async ({ experiments, frame, page }) => {
      await page.emulateMedia({ colorScheme: theme });
      const serious = async (): Promise<string[]> =>
        (await new AxeBuilder({ page }).analyze()).violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
      await experiments.row('swamp(2)').click();
      expect(await serious()).toEqual([]);
      await page.keyboard.press('Control+k');
      await expect(page.getByRole('listbox')).toBeVisible();
      expect(await serious()).toEqual([]);
      await page.keyboard.press('Escape');
      await frame.open('Settings');
      await expect(page.getByText('Ready', { exact: true })).toBeVisible();
      expect(await serious()).toEqual([]);
    });
});
