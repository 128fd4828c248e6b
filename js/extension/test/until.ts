import assert from 'node:assert/strict';

/**
 * Wait until something holds; a busy machine may take its time.
 */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, 'it did not come within 20 s');
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
