import { expect, test, type Studio } from './fixtures.ts';
import { ExperimentsPage } from './pages/experiments.ts';
import { Run } from './pages/run.ts';

test.use({ begin: 'finished' });

interface Listed {
  readonly id: string;
  readonly note: string;
  readonly tags: readonly string[];
}

async function listed(studio: Studio): Promise<Listed> {
  const { experiments } = await studio.json<{ experiments: Listed[] }>('list');
  const [one] = experiments;
  if (!one) throw new Error('The library is empty');
  return one;
}

test('notes and tags of the table are written and taken back by keys alone', async ({ page, studio }) => {
  const experiments = new ExperimentsPage(page);
  const { table, rows } = experiments;
  const { id } = await listed(studio);
  await expect(rows).toHaveCount(3);
  await table.focus();
  await page.keyboard.press('ArrowDown');

  // The note: Escape keeps the old one, Enter the new one. The table has the keyboard again.
  const note = page.getByRole('textbox', { name: `Note of ${id}` });
  await page.keyboard.press('n');
  await expect(note).toBeFocused();
  await page.keyboard.type('thrown away');
  await page.keyboard.press('Escape');
  await expect(note).toBeHidden();
  await expect(table).toBeFocused();
  await page.keyboard.press('n');
  await page.keyboard.type('best so far');
  await page.keyboard.press('Enter');
  await expect(table).toBeFocused();
  await expect(experiments.notice(`Note of ${id} changed`)).toBeVisible();
  await expect(experiments.row('best so far')).toHaveCount(3);
  expect((await listed(studio)).note).toBe('best so far');

  // Tags: of more words than one too, and by a list of those there are.
  await page.keyboard.press('t');
  const tags = page.getByRole('dialog', { name: 'Tags' });
  const field = tags.getByRole('combobox', { name: 'New tag' });
  await expect(field).toBeFocused();
  await page.keyboard.type('paper');
  await page.keyboard.press('Home');
  await page.keyboard.type('camera-ready ');
  await page.keyboard.press('Enter');
  await expect(field).toHaveValue('');
  await expect(tags.getByRole('listitem')).toHaveText(['camera-ready paper']);
  await page.keyboard.press('Escape');
  await expect(tags).toBeHidden();
  await expect(experiments.row('paper')).toHaveCount(3);
  expect((await listed(studio)).tags).toEqual(['camera-ready paper']);

  // The last change first; done again; and back.
  await table.focus();
  await page.keyboard.press('Control+z');
  await expect(experiments.row('paper')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(experiments.row('best so far')).toHaveCount(0);
  expect(await listed(studio)).toMatchObject({ note: '', tags: [] });
  await page.keyboard.press('Control+Shift+z');
  await expect(experiments.row('best so far')).toHaveCount(3);
  await page.keyboard.press('Control+Shift+z');
  await expect(experiments.row('paper')).toHaveCount(3);
  expect(await listed(studio)).toMatchObject({ note: 'best so far', tags: ['camera-ready paper'] });
});

test('what is archived and what went to the trash comes back by Ctrl+Z; for good it goes only when asked', async ({
  page,
  studio,
}) => {
  const experiments = new ExperimentsPage(page);
  const { rows, table } = experiments;
  const first = experiments.row('swamp(2)');
  await first.getByRole('button', { name: 'Star' }).click();
  await expect(first.getByRole('button', { name: 'Remove star' })).toBeVisible();
  await first.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Archive', exact: true }).click();
  await expect(rows).toHaveCount(0);
  await experiments.shelf('Archived');
  await expect(rows).toHaveCount(3);
  expect((await listed(studio)).tags).toEqual(['archived', 'star']);
  await page.keyboard.press('Control+z');
  await expect(rows).toHaveCount(0);
  await experiments.shelf('Active');
  await expect(rows).toHaveCount(3);
  await page.keyboard.press('Control+z');
  await expect(first.getByRole('button', { name: 'Star', exact: true })).toBeVisible();
  expect((await listed(studio)).tags).toEqual([]);

  await table.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  await expect(rows).toHaveCount(0);
  // Nothing is shown, and the whole library is not called empty.
  await expect(page.getByRole('heading', { name: 'Nothing has run yet' })).toBeHidden();
  await page.keyboard.press('Control+z');
  await expect(rows).toHaveCount(3);
  await table.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Delete');
  await experiments.shelf('Trash');
  await expect(rows).toHaveCount(3);
  await page.getByRole('button', { name: 'Empty trash…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Empty the trash?' });
  await dialog.getByRole('button', { name: 'Keep' }).click();
  await expect(rows).toHaveCount(3);
  await page.getByRole('button', { name: 'Empty trash…' }).click();
  await dialog.getByRole('button', { name: 'Remove for good' }).click();
  await expect(experiments.notice(/1 removed for good, .* freed/)).toBeVisible();
  await expect(rows).toHaveCount(0);
  // What is gone cannot be taken back, and that is said.
  await page.keyboard.press('Control+z');
  await expect(experiments.notice(/Could not be undone/)).toBeVisible();
  expect(await studio.json('list')).toEqual({ experiments: [] });
});

test('tags and note of the Run page are written by keys; Escape leaves all as it was', async ({
  page,
  studio,
}) => {
  const { id } = await listed(studio);
  const run = new Run(page);
  await run.open(id);
  await run.is('done');
  await run.button('Tag').press('Enter');
  await page.keyboard.type('nonsense');
  await page.keyboard.press('Escape');
  await expect(run.button('Tag')).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.type('paper');
  await page.keyboard.press('Enter');
  await expect(run.button('Remove the tag paper')).toBeVisible();
  await run.button('Note').press('Enter');
  await expect(page.getByRole('textbox', { name: 'Note' })).toBeFocused();
  await page.keyboard.type('unfinished');
  await page.keyboard.press('Escape');
  await expect(run.button('Note')).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.type('to be shown');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(run.button('Change the note')).toHaveText('to be shown');
  expect(await listed(studio)).toMatchObject({ tags: ['paper'], note: 'to be shown' });
  await page.keyboard.press('Control+z');
  await expect(run.button('Note')).toBeVisible();
  expect(await listed(studio)).toMatchObject({ tags: ['paper'], note: '' });
});
