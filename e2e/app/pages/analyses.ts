import { expect, type Download, type Locator, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';

/** Analyses on the page of a run or of a comparison, and the dialog of a new one. */
export class Analyses {
  readonly page: Page;
  readonly dialog: Locator;
  readonly list: Locator;
  readonly state: Locator;

  constructor(page: Page) {
    this.page = page;
    this.dialog = page.getByRole('dialog', { name: 'New analysis' });
    this.list = page.getByRole('list', { name: 'Analyses' });
    this.state = page.getByRole('status', { name: 'State of the analysis' });
  }

  /** On the page of a run. */
  async openTab(): Promise<void> {
    await this.page.getByRole('tab', { name: /^Analyses/ }).click();
  }

  async openDialog(): Promise<void> {
    await this.page.getByRole('main').getByRole('button', { name: 'New analysis…' }).click();
    await expect(this.dialog.getByRole('radiogroup')).toBeVisible({ timeout: 90_000 });
  }

  async kind(title: string): Promise<void> {
    await this.dialog.getByRole('radio', { name: title, exact: true }).check();
  }

  run(name: string): Locator {
    return this.dialog.getByRole('checkbox', { name, exact: true });
  }

  /** Of what it takes: jobs, trainings, time. */
  plan(fact: string): Locator {
    return this.dialog.locator(`[data-plan="${fact}"] dd`);
  }

  get start(): Locator {
    return this.dialog.getByRole('button', { name: /^(Start|Open)$/ });
  }

  async begin(): Promise<void> {
    await expect(this.start).toBeEnabled({ timeout: 90_000 });
    await this.start.click();
    await expect(this.dialog).toBeHidden({ timeout: 90_000 });
  }

  /** The one that is opened. */
  get opened(): Locator {
    return this.page.locator('[data-analysis]');
  }

  async id(): Promise<string> {
    return (await this.opened.getAttribute('data-analysis')) ?? '';
  }

  async is(state: string): Promise<void> {
    await expect(this.state).toContainText(state, { timeout: 90_000 });
  }

  button(name: string): Locator {
    return this.opened.getByRole('button', { name, exact: true });
  }

  async more(item: string): Promise<void> {
    await this.button('More of this analysis').click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  get figures(): Locator {
    return this.opened.locator('[data-figure]');
  }

  /** Saves the first chart that is drawn as its menu offers. */
  async saveFirst(kind: 'PNG picture' | 'SVG picture' | 'CSV of the figures'): Promise<Saved> {
    await this.opened
      .getByRole('button', { name: /^Save the chart/ })
      .first()
      .click();
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page.getByRole('menuitem', { name: kind }).click(),
    ]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await pathOf(download)) };
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
