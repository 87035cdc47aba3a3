import type { Locator, Page } from '@playwright/test';

/** What is around every page. */
export class Frame {
  readonly page: Page;
  readonly navigation: Locator;

  constructor(page: Page) {
    this.page = page;
    this.navigation = page.getByRole('navigation', { name: 'Pages' });
  }

  async open(title: 'Experiments' | 'New experiment' | 'Compare' | 'Settings'): Promise<void> {
    await this.navigation.getByRole('link', { name: title, exact: true }).click();
  }
}
