import type { Page } from '@playwright/test';

/** What Playwright asks elements before it acts on them; Chromium has it since 106. */
const source = `
  if (!Element.prototype.checkVisibility)
    Element.prototype.checkVisibility = function () {
      for (let element = this; element; element = element.parentElement)
        if (getComputedStyle(element).display === 'none') return false;
      return this.isConnected && this.getClientRects().length > 0;
    };`;

/**
 * Makes Playwright's locators work in Chromium 83: fills in what they ask elements in the world in which they run,
 * beside the page's own, now and after each load.
 */
export async function fillIn(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const worlds = new Set<string>();
  const told: Promise<unknown>[] = [];
  session.on('Runtime.executionContextCreated', ({ context: { id, name } }) => {
    if (!name.startsWith('__playwright')) return;
    told.push(session.send('Runtime.evaluate', { expression: source, contextId: id }));
    if (worlds.has(name)) return;
    worlds.add(name);
    told.push(session.send('Page.addScriptToEvaluateOnNewDocument', { source, worldName: name }));
  });
  await session.send('Page.enable');
  await session.send('Runtime.enable');
  await Promise.all(told);
}
