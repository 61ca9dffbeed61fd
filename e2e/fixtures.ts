// Every story has a server of its own; people are made with `await person('Ann')`.

import { test as base } from '@playwright/test';
import { Person, type Looks } from './person.ts';
import { Server } from './server.ts';

export { expect } from '@playwright/test';
export type { Person, Server };

type Fixtures = {
  /** More arguments for `snug serve`: `test.use({ serverArgs: [...] })`. */
  serverArgs: string[];
  server: Server;
  person: (name: string, looks?: Looks) => Promise<Person>;
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
    await use(async (name, looks) => {
      const person = await Person.join(browser, server.url, name, looks);
      people.push(person);
      return person;
    });
    await Promise.all(people.map((person) => person.context.close()));
  },
});
