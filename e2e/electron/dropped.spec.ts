import { readdirSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { drop } from '../app/pages/drop.ts';
import { NewExperiment } from '../app/pages/new-experiment.ts';
import { quickExperiment } from '../app/studio.ts';
import { expect, test } from './fixtures.ts';

test('dropped files are opened where they lie: an experiment file, and a run file that is refused', async ({
  desktop,
  studio,
}) => {
  const page = await desktop.start();
  await expect(page.getByRole('link', { name: 'Settings' }).first()).toBeVisible();
  await drop(page, studio.write('handed.json', { ...quickExperiment, name: 'handed over' }));
  await expect(new NewExperiment(page).field('name')).toHaveValue('handed over');
  const broken = join(studio.folder, 'broken.swamp');
  writeFileSync(broken, 'not a zip archive');
  await drop(page, broken);
  const dialog = page.getByRole('dialog', { name: 'Open a run file' });
  await expect(dialog.getByRole('alert')).toContainText(broken);
  // Nothing is copied into the library for that.
  const uploads = join(studio.library, 'uploads');
  expect(existsSync(uploads) ? readdirSync(uploads) : []).toEqual([]);
});
