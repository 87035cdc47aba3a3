import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';

interface Listed {
  readonly cache: string;
  readonly engines: readonly { readonly title: string; readonly inUse: boolean }[];
}

test('the engines of this machine, and what it has, are those that the command line tells', async ({
  studio,
  frame,
  page,
}) => {
  const { cache, engines } = await studio.json<Listed>('engine', 'list');
  const doctor = await studio.json<{ checks: readonly { detail: string }[] }>('doctor');
  await frame.open('Settings');
  const rows = page.getByRole('table', { name: 'Engines on this machine' }).getByRole('row');
  await expect(rows).toHaveCount(engines.length);
  for (const [at, { title, inUse }] of engines.entries()) {
    await expect(rows.nth(at)).toContainText(title);
    await expect(rows.nth(at)).toContainText(inUse ? 'in use' : /not used now|damaged/);
  }
  await expect(page.getByText(`in ${cache}.`, { exact: false })).toBeVisible();
  await page.getByRole('button', { name: 'Check this machine' }).click();
  const checks = page.getByRole('table', { name: 'What this machine has' }).getByRole('row');
  await expect(checks).toHaveCount(doctor.checks.length, { timeout: 30_000 });
});

test('an engine is packed into a folder, stopped on the way, and what is no pack is refused', async ({
  studio,
  frame,
  page,
}) => {
  const folder = join(studio.folder, 'pack');
  await frame.open('Settings');
  await page.getByRole('button', { name: 'Pack for another machine…' }).click();
  const dialog = page.getByRole('dialog');
  const place = dialog.getByRole('combobox', { name: 'Folder to write to' });
  await place.fill('pack');
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: 'Pack', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('no whole path');
  await place.fill(folder);
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: 'Pack', exact: true }).click();
  await expect(dialog.getByRole('status')).toContainText('Packing');
  await dialog.getByRole('button', { name: 'Stop' }).click();
  await expect(dialog.getByRole('button', { name: 'Pack', exact: true })).toBeEnabled();
  // A folder without its table of contents is no pack.
  if (existsSync(folder)) expect(readdirSync(folder)).not.toContain('index.json');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Install a packed engine…' }).click();
  await dialog.getByRole('combobox', { name: 'Folder with the packed engine' }).fill(studio.folder);
  await page.keyboard.press('Tab');
  await dialog.getByRole('button', { name: 'Install', exact: true }).click();
  await expect(dialog.getByRole('alert')).toContainText('Not installed', { timeout: 15_000 });
});
