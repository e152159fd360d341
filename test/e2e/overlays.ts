import type { Page } from 'playwright-core';

/** Opens every panel and dialog of the page, one after the other; returns the ids of all. */
export async function eachOverlay(
  page: Page,
  visit: (id: string) => Promise<unknown>,
): Promise<string[]> {
  const ids = await page
    .locator('[popover], dialog')
    .evaluateAll((overlays) => overlays.map(({ id }) => id));
  for (const id of ids) {
    const overlay = page.locator(`#${id}`);
    await overlay.evaluate((element: HTMLElement) => {
      if (element instanceof HTMLDialogElement) element.showModal();
      else element.showPopover();
    });
    await visit(id);
    await overlay.evaluate((element: HTMLElement) => {
      if (element instanceof HTMLDialogElement) element.close();
      else element.hidePopover();
    });
  }
  return ids;
}
