import type { Comparison } from '../../src-main/contract/compare.ts';
import { expect, test } from './fixtures.ts';
import { ComparePage } from './pages/compare.ts';

test.use({ begin: 'finished' });

test('the points of a chart are gone through by keyboard and said', async ({ page, studio }) => {
  const comparison = await studio.json<Comparison>('compare', 'quick');
  await new ComparePage(page).open([comparison.experiment]);
  const chart = page.getByRole('group', { name: /^Points: Test accuracy against sparsity/ });
  const said = chart.getByRole('status').first();
  const at = (arm: number, round: number): RegExp => {
    const { arm: label = '', rounds = [] } = comparison.arms[arm] ?? {};
    const accuracy = Number((100 * (rounds[round]?.test.accuracy ?? NaN)).toPrecision(5));
    const text = `${label}: ${accuracy} at`;
    return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
  };

  await chart.focus();
  await expect(said).toHaveText('');
  await page.keyboard.press('ArrowRight');
  await expect(said).toHaveText(at(0, 0));
  await page.keyboard.press('ArrowRight');
  await expect(said).toHaveText(at(0, 1));
  await page.keyboard.press('ArrowDown');
  await expect(said).toHaveText(at(1, 1));
  await expect(chart.locator('.chart-tip')).toBeVisible();
  await page.keyboard.press('Home');
  await expect(said).toHaveText(at(1, 0));

  await page.keyboard.press('Escape');
  await expect(said).toHaveText('');
  await expect(chart).toBeFocused();
});
