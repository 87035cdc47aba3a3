import type { Locator } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { ExperimentsPage } from './pages/experiments.ts';

test.use({ begin: 'finished' });

test('columns are widened, moved, picked and put back, by mouse and keyboard, and are so after a reload', async ({
  page,
}) => {
  const { table, rows } = new ExperimentsPage(page);
  await expect(rows).toHaveCount(3);
  const heads = async (): Promise<string[]> =>
    (await table.getByRole('columnheader').allInnerTexts()).map((text) => text.trim()).slice(2);
  const head = (title: string): Locator => table.getByRole('columnheader', { name: title });
  const widthOf = async (title: string): Promise<number> =>
    Math.round((await head(title).boundingBox())?.width ?? 0);
  const first = await heads();
  expect(first.slice(0, 4)).toEqual(['Experiment', 'Arm', 'Seeds', 'State']);

  // The edge of a head is dragged.
  const before = await widthOf('Arm');
  const box = await head('Arm').boundingBox();
  const [x, y] = [(box?.x ?? 0) + (box?.width ?? 0) - 2, (box?.y ?? 0) + 10];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 20, y);
  await page.mouse.move(x + 60, y);
  await page.mouse.up();
  await expect.poll(() => widthOf('Arm')).toBe(before + 60);
  // Sorting is for clicks on the title.
  await expect(head('Arm')).toHaveAttribute('aria-sort', 'none');
  await head('Arm').getByRole('button').press('Shift+ArrowLeft');
  await expect.poll(() => widthOf('Arm')).toBe(before + 44);

  // The keyboard moves it on and stays with it; the mouse drags another to the front.
  await head('Arm').getByRole('button').press('Alt+ArrowRight');
  await expect.poll(heads).toEqual(['Experiment', 'Seeds', 'Arm', ...first.slice(3)]);
  await expect(head('Arm').getByRole('button')).toBeFocused();
  await head('State').dragTo(head('Experiment'));
  await expect.poll(heads).toEqual(['State', 'Experiment', 'Seeds', 'Arm', ...first.slice(4)]);

  // Picked, and moved from the list.
  await page.getByRole('button', { name: 'Columns' }).click();
  const picker = page.getByRole('dialog', { name: 'Columns' });
  await picker.getByRole('checkbox', { name: 'Seeds' }).uncheck();
  await picker.getByRole('checkbox', { name: 'Note' }).check();
  await picker.getByRole('button', { name: 'State: further right' }).click();
  const now = ['Experiment', 'State', 'Arm', ...first.slice(4), 'Note'];
  await expect.poll(heads).toEqual(now);
  await page.keyboard.press('Escape');
  await expect(picker).toBeHidden();

  await head('Arm').getByRole('button').click();
  await expect(head('Arm')).toHaveAttribute('aria-sort', 'ascending');
  await page.reload();
  await expect(rows).toHaveCount(3);
  expect(await heads()).toEqual(now);
  expect(await widthOf('Arm')).toBe(before + 44);
  await expect(head('Arm')).toHaveAttribute('aria-sort', 'ascending');

  await page.getByRole('button', { name: 'Columns' }).click();
  await picker.getByRole('button', { name: 'As at first' }).click();
  await expect.poll(heads).toEqual(first);
});
