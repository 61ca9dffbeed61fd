// Each test has its own server. `await person('Ann')` opens a browser and joins as a guest.

import { test as base } from '@playwright/test';
import { Person, type PersonOptions } from './person.ts';
import { Server } from './server.ts';

export { expect } from '@playwright/test';
export type { Person, Server };

type Fixtures = {
  /** Additional arguments for `snug serve`: `test.use({ serverArgs: [...] })`. */
  serverArgs: string[];
  server: Server;
  person: (name: string, options?: PersonOptions) => Promise<Person>;
};

export const test = base.extend<Fixtures>({
  serverArgs: [[], { option: true }],

  server: async ({ serverArgs }, use, info) => {
    const server = await Server.run(serverArgs);
    await use(server);
    await server.dispose();
    if (info.status !== info.expectedStatus) await info.attach('server.log', { body: server.log });
  },

  person: async ({ browser, server }, use) => {
    const people: Person[] = [];
    await use(async (name, options) => {
      const person = await Person.join(browser, server.url, name, options);
      people.push(person);
      return person;
    });
    await Promise.all(people.map((person) => person.context.close()));
  },
});
