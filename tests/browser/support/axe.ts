import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** What axe has against a part of a page, one line for each rule; the rules of whole pages are not those of a part. */
export async function violations(
  page: Page,
  selector: string
): Promise<string[]> {
  const found = await new AxeBuilder({ page }).include(selector).analyze();
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(node => node.html).join(' | ')}`
  );
}
