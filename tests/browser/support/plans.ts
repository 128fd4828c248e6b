import { expect, type Page } from '@playwright/test';

import { planCode, planId } from './approval.ts';
import type { Proxy } from './proxy.ts';

/** A plan that waits, without a notebook around it. */
export interface IWaitingPlan {
  /** Its page on the approval listener. */
  url: string;
  /** What approves it. */
  code: string;
  /** The name of its host. */
  host: string;
}

/** Has the page's user ask for a plan that moves the culprit's core, as a cell would. */
export async function askForPlan(
  page: Page,
  proxy: Proxy,
  note?: string
): Promise<IWaitingPlan> {
  const token = /#token=([^&]+)/.exec(await proxy.link())?.[1];
  const post = async <T>(path: string, data: unknown): Promise<T> => {
    const headers = { origin: proxy.origin, 'sec-fetch-site': 'same-origin' };
    const answer = await page.request.post(proxy.origin + path, {
      data,
      headers
    });
    expect(answer.ok(), await answer.text()).toBe(true);
    return (await answer.json()) as T;
  };
  await post('/auth/login', { token });
  const { instance } = await post<{ instance: { instance_id: string } }>(
    '/api/v1/aws/main/instance',
    { labels: { which: 'object4' } }
  );
  const host = instance.instance_id;
  const plan = await post<{ approve_url: string }>('/api/v1/plans', {
    host,
    path: '/var/crash/core',
    note
  });
  const url = plan.approve_url;
  return { url, code: await planCode(proxy, planId(url)), host };
}
