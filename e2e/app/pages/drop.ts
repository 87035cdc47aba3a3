import type { Page } from '@playwright/test';

/**
 * Drops files on the window as from the desktop. They come into the page through an input, so that Electron knows
 * their paths as it does those of files that are really dragged.
 */
export async function drop(page: Page, ...paths: string[]): Promise<void> {
  await page.evaluate(() => {
    const input = document.createElement('input');
    Object.assign(input, { type: 'file', multiple: true, id: 'dragged', hidden: true });
    document.body.append(input);
  });
  await page.locator('#dragged').setInputFiles(paths);
  await page.evaluate(() => {
    const input = document.querySelector<HTMLInputElement>('#dragged');
    const dataTransfer = new DataTransfer();
    for (const file of input?.files ?? []) dataTransfer.items.add(file);
    for (const type of ['dragenter', 'dragover', 'drop'])
      document.body.dispatchEvent(
        new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true, composed: true }),
      );
    input?.remove();
  });
}
