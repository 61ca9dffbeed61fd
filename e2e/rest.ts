// The rest of the page's program, which loads while one reads the join page.

import type { Page, Route } from '@playwright/test';

/** Where it lies. What the page fetches at once, because it cannot wait, has another address. */
export const REST = '**/snug-rest-*.wasm';

/** From now on the rest of this page waits until it may come. */
export async function heldRest(page: Page): Promise<{ come: () => Promise<void> }> {
  let asked: (route: Route) => void = () => {};
  const held = new Promise<Route>((resolve) => {
    asked = resolve;
  });
  await page.route(REST, (route) => asked(route));
  return {
    async come() {
      const come = page.waitForResponse(REST);
      await (await held).continue();
      await (await come).finished();
    },
  };
}
