import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/**
 * What axe has against a page, or against a part of it, one line for each rule; the rules of whole pages are not
 * those of a part.
 */
export async function violations(
  page: Page,
  selector?: string
): Promise<string[]> {
  // Otherwise a second page is opened, to put the results of frames together: here is one frame, and with the network
  // off no other page.
  const axe = new AxeBuilder({ page }).setLegacyMode();
  if (selector !== undefined) {
    axe.include(selector);
  }
  const found = await axe.analyze();
  return found.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(node => `${node.target} ${node.html}`).join(' | ')}`
  );
}
