import { expect, type Download, type Locator, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';

/** A series as it is drawn. */
export interface DrawnSeries {
  readonly id: string;
  readonly name: string;
  readonly data: readonly unknown[];
}

interface Chart {
  getOption(): { readonly series: readonly (DrawnSeries | null)[] } | undefined;
}

/** The page that compares runs. */
export class ComparePage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(experiments: readonly string[], more = ''): Promise<void> {
    const query = experiments.map((id) => `e=${encodeURIComponent(id)}`).join('&');
    await this.page.goto(`${new URL(this.page.url()).origin}/#/compare?${query}${more}`);
    await expect(this.page.locator('canvas').first()).toBeVisible();
  }

  async choose(group: string, title: string): Promise<void> {
    await this.page
      .getByRole('group', { name: group, exact: true })
      .getByRole('radio', { name: title, exact: true })
      .check();
  }

  arm(label: string): Locator {
    return this.page
      .getByRole('group', { name: 'Arms that are drawn' })
      .getByRole('button', { name: label, exact: false });
  }

  table(title: string): Locator {
    return this.page.getByRole('region', { name: title, exact: true }).getByRole('table');
  }

  /** Its cells as they are read, row after row, heads first. */
  async cells(title: string): Promise<string[][]> {
    const rows = await this.table(title).getByRole('row').all();
    return Promise.all(
      rows.map(async (row) =>
        (await row.locator('th, td').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim()),
      ),
    );
  }

  figure(label: RegExp): Locator {
    return this.page.getByRole('img', { name: label });
  }

  /** What is drawn there. */
  async drawn(label: RegExp): Promise<DrawnSeries[]> {
    const figure = this.figure(label);
    await figure.scrollIntoViewIfNeeded();
    const look = (): Promise<DrawnSeries[]> =>
      figure.evaluate((element) => {
        const { chart } = element as unknown as { chart: Chart };
        // Where a series was taken out ECharts leaves an empty place.
        const series = (chart.getOption()?.series ?? []).filter((each) => each !== null);
        return series.map(({ id, name, data }) => ({ id, name, data }));
      });
    // What was out of sight is drawn a moment later.
    await expect.poll(async () => (await look()).length).toBeGreaterThan(0);
    return await look();
  }

  /** Saves a chart as its menu offers. */
  async save(label: RegExp, kind: 'PNG picture' | 'SVG picture' | 'CSV of the figures'): Promise<Saved> {
    await this.page.getByRole('button', { name: new RegExp(`Save the chart: ${label.source}`) }).click();
    return await this.saved(() => this.page.getByRole('menuitem', { name: kind }).click());
  }

  async saved(act: () => Promise<void>): Promise<Saved> {
    const [download] = await Promise.all([this.page.waitForEvent('download'), act()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await pathOf(download)) };
  }

  /** Something of the menu of all tables. */
  async ofTables(item: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Tables', exact: true }).click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  async clipboard(): Promise<string> {
    return await this.page.evaluate('navigator.clipboard.readText()');
  }
}

export interface Saved {
  readonly name: string;
  readonly bytes: Buffer;
}

async function pathOf(download: Download): Promise<string> {
  const path = await download.path();
  if (!path) throw new Error('the download did not arrive');
  return path;
}
