import { expect, type Locator, type Page } from '@playwright/test';

/** The page of a run. */
export class Run {
  readonly page: Page;
  readonly state: Locator;

  constructor(page: Page) {
    this.page = page;
    this.state = page.getByRole('status', { name: 'State of the experiment' });
  }

  /** Id of the experiment that is shown. */
  async experiment(): Promise<string> {
    await this.page.waitForURL(/#\/run\//);
    return decodeURIComponent(/#\/run\/([^?]+)/.exec(this.page.url())?.[1] ?? '');
  }

  async open(experiment: string): Promise<void> {
    await this.page.evaluate(`location.hash = ${JSON.stringify(`/run/${experiment}`)}`);
  }

  async is(state: string): Promise<void> {
    await expect(this.state).toContainText(state, { timeout: 90_000 });
  }

  button(name: string): Locator {
    return this.page.getByRole('main').getByRole('button', { name, exact: true });
  }

  /** A round on the strip. */
  cell(arm: string, seed: number, round: number): Locator {
    return this.page
      .getByRole('group', { name: `${arm}, seed ${seed}`, exact: true })
      .getByRole('button')
      .nth(round);
  }

  cells(state: string): Locator {
    return this.page.locator(`[data-cell][data-state="${state}"]`);
  }

  /** Figures of the trainings of the round that is shown: test and validation accuracy, NLL, ECE. */
  async trainings(kind: 'training' | 'together'): Promise<string[][]> {
    const rows = await this.page.locator(`[data-${kind}]`).all();
    const cells = await Promise.all(rows.map((row) => row.locator('td').allTextContents()));
    return cells.map((row) => row.map((text) => text.trim()));
  }
}
