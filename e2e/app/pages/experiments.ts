import type { Locator, Page } from '@playwright/test';

/** The table of all runs. */
export class ExperimentsPage {
  readonly page: Page;
  readonly table: Locator;
  readonly search: Locator;

  constructor(page: Page) {
    this.page = page;
    this.table = page.getByRole('treegrid', { name: 'Runs' });
    this.search = page.getByRole('textbox', { name: /^Search name/ });
  }

  /** Rows with this text, for example an arm's label. */
  row(text: string): Locator {
    return this.table.getByRole('row').filter({ hasText: text });
  }

  /** All rows but the header. */
  get rows(): Locator {
    return this.table.locator('[role=row][aria-selected]');
  }

  /** Notice with this text. */
  notice(text: string | RegExp): Locator {
    return this.page.getByRole('log', { name: 'Notices' }).getByRole('listitem').filter({ hasText: text });
  }

  /** Shows the active, the archived, or the trash. */
  async shelf(name: 'Active' | 'Archived' | 'Trash'): Promise<void> {
    await this.page.getByRole('group', { name: 'Shelf' }).getByRole('button', { name }).click();
  }
}
