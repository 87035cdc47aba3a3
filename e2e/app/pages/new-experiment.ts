import { expect, type Locator, type Page } from '@playwright/test';

/** The page of a new experiment. */
export class NewExperiment {
  readonly page: Page;
  readonly start: Locator;
  readonly problems: Locator;
  readonly json: Locator;

  constructor(page: Page) {
    this.page = page;
    this.start = page
      .getByRole('complementary', { name: 'Cost and start' })
      .getByRole('button', { name: /^(Start|Extend)/ });
    this.problems = page.getByRole('list', { name: 'Problems' });
    this.json = page.getByRole('textbox', { name: 'Experiment as JSON' });
  }

  async open(query = ''): Promise<void> {
    await this.page.evaluate(`location.hash = ${JSON.stringify(`/new${query}`)}`);
    await expect(this.field('name')).toBeVisible();
  }

  /** The control of a setting, by its path in the experiment file. */
  field(path: string): Locator {
    return this.page.locator(`[data-path="${path}"] input`).first();
  }

  /** What is said below a setting. */
  said(path: string): Locator {
    return this.page.locator(`[data-path="${path}"]`).first();
  }

  cost(what: string): Locator {
    return this.page.locator(`[data-cost="${what}"]`);
  }

  preset(name: string): Locator {
    return this.page.getByRole('region', { name: 'Presets' }).getByRole('article').filter({ hasText: name });
  }

  /** The draft as JSON: the tab beside the form. */
  async openJson(): Promise<void> {
    await this.page.getByRole('tab', { name: 'JSON' }).click();
    await expect(this.json).toBeVisible();
  }

  async draft(): Promise<Record<string, unknown>> {
    return JSON.parse(await this.json.inputValue()) as Record<string, unknown>;
  }

  /** Puts a whole experiment there. */
  async write(experiment: unknown): Promise<void> {
    await this.openJson();
    await this.json.fill(JSON.stringify(experiment, null, 2));
    await this.page.getByRole('tab', { name: 'Cost' }).click();
  }

  /** Once it is read and planned without a problem. */
  async begin(): Promise<void> {
    await expect(this.start).toBeEnabled();
    await this.start.click();
  }
}
