// The second part of the page's program. It loads while the user is on the join page.

import type { Page, Route } from '@playwright/test';

/** The URL of the second part. The first part, which the page loads at once, has another URL. */
export const REST = '**/snug-rest-*.wasm';

/** Holds back the second part of the program until `release` is called. */
export async function holdRest(page: Page): Promise<{ release: () => Promise<void> }> {
  let onRequest: (route: Route) => void = () => {};
  const held = new Promise<Route>((resolve) => {
    onRequest = resolve;
  });
  await page.route(REST, (route) => onRequest(route));
  return {
    async release() {
      const response = page.waitForResponse(REST);
      await (await held).continue();
      await (await response).finished();
    },
  };
}
