import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { Locator } from '@playwright/test';
import { expect, quickExperiment, test } from './fixtures.ts';
import { drop } from './pages/drop.ts';
import { ExperimentsPage } from './pages/experiments.ts';
import { NewExperiment } from './pages/new-experiment.ts';

test.use({ begin: 'finished' });

const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

test('a dropped run file is shown; one that is damaged, foreign or newer is refused with its reason', async ({
  page,
  studio,
}) => {
  const file = join(studio.folder, 'quick.swamp');
  await studio.swamp('pack', 'quick', '--with', 'none', '--out', file);
  const dialog = page.getByRole('dialog', { name: 'Open a run file' });
  const close = (): Promise<void> => dialog.getByRole('button', { name: 'Cancel' }).click();
  await drop(page, file);
  await expect(dialog).toContainText('quick.swamp');
  await expect(dialog.getByRole('row').nth(1)).toContainText('here already');
  await expect(dialog.getByRole('button', { name: 'Compare what is here' })).toBeEnabled();
  await close();
  await expect(dialog).toBeHidden();

  const bytes = readFileSync(file);
  const newer = { kind: 'swamp-run-file', version: 99, app: '9.0.0', written: '', experiments: [] };
  const refusals: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['cut.swamp', bytes.subarray(0, bytes.length - 200), /cut short/],
    ['letter.swamp', json({ dear: 'colleague' }), /no run file|not a run file/],
    ['pictures.swamp', zipSync({ 'picture.txt': json('x') }), /no run file|not a run file/],
    ['tomorrow.swamp', zipSync({ 'manifest.json': json(newer) }), /newer|9\.0\.0/],
  ];
  for (const [name, content, why] of refusals) {
    const path = join(studio.folder, name);
    writeFileSync(path, content);
    await drop(page, path);
    const said: Locator = dialog.getByRole('alert');
    await expect(said).toContainText(why);
    // It is called as it was dropped, not by where the server put it.
    await expect(said).toContainText(`opened. ${name} `);
    await expect(dialog.getByRole('button', { name: 'Take it in and compare' })).toBeDisabled();
    await close();
    await expect(dialog).toBeHidden();
  }

  // Several at once come one after another; one that cannot be opened makes room for the next that is dropped.
  await drop(page, file, join(studio.folder, 'cut.swamp'));
  await expect(dialog).toContainText('quick.swamp; 1 more after it');
  await close();
  await expect(dialog.getByRole('alert')).toContainText('cut short');
  await drop(page, file);
  await expect(dialog.getByRole('button', { name: 'Compare what is here' })).toBeEnabled();
  expect((await studio.json<{ experiments: unknown[] }>('list')).experiments).toHaveLength(1);
});

test('a dropped experiment file becomes the draft; what is neither is refused in words', async ({
  page,
  studio,
}) => {
  const notice = (text: RegExp): Locator => new ExperimentsPage(page).notice(text);
  await drop(page, studio.write('notes.txt', 'nothing'));
  await expect(notice(/notes\.txt is neither a run file nor an experiment file/)).toContainText('.swamp');
  await drop(page, studio.write('half.json', '{ "name": '));
  await expect(notice(/not JSON/)).toContainText('Mend the file');
  await drop(page, studio.write('list.json', [1, 2]));
  await expect(notice(/list\.json does not describe an experiment/)).toBeVisible();
  await expect(page).toHaveURL(/experiments/);

  await drop(page, studio.write('good.json', { ...quickExperiment, name: 'dropped' }));
  const plan = new NewExperiment(page);
  await expect(plan.field('name')).toHaveValue('dropped');
  await expect(plan.start).toBeEnabled();
});
