// Controls Firefox without a separate driver. Firefox accepts WebDriver commands on a socket, as length-prefixed JSON
// (https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html).

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Command, failure, named, type Params, type Wire } from './webdriver.ts';

type Answer = { resolve: (result: unknown) => void; reject: (error: Error) => void };

export class Marionette implements Wire {
  readonly #socket: Socket;
  readonly #asked = new Map<number, Answer>();
  #received = Buffer.alloc(0);
  #number = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#receive(bytes));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(new Error('Firefox has closed the connection.')));
  }

  static async begin(port: number): Promise<Marionette> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const marionette = new Marionette(socket);
    await marionette.ask('WebDriver:NewSession');
    return marionette;
  }

  send(command: Command, params: Params = {}): Promise<unknown> {
    return this.ask(named(command), params);
  }

  /** Sends a command that only Firefox has. */
  async ask(name: string, params: Params = {}): Promise<unknown> {
    const number = ++this.#number;
    const answer = new Promise<unknown>((resolve, reject) => this.#asked.set(number, { resolve, reject }));
    const command = JSON.stringify([0, number, name, params]);
    this.#socket.write(`${Buffer.byteLength(command)}:${command}`);
    return ((await answer) as { value?: unknown } | null)?.value;
  }

  /** Runs `script` with the privileges of the browser's own code, in the page or in the window around it. */
  async privileged(where: 'page' | 'window', script: (...args: never[]) => unknown, ...args: unknown[]): Promise<unknown> {
    const context = (value: string) => this.ask('Marionette:SetContext', { value });
    if (where === 'window') await context('chrome');
    const body = `return (${script})(...arguments)`;
    const result = await this.ask('WebDriver:ExecuteScript', { script: body, args, sandbox: 'system' });
    if (where === 'window') await context('content');
    return result;
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (;;) {
      const colon = this.#received.indexOf(':');
      const end = colon + 1 + Number(this.#received.subarray(0, Math.max(colon, 0)).toString());
      if (colon < 0 || this.#received.length < end) return;
      const message: unknown = JSON.parse(this.#received.subarray(colon + 1, end).toString());
      this.#received = this.#received.subarray(end);
      // The first message is a greeting, not an array. Ignore it.
      if (Array.isArray(message)) this.#answer(message as [1, number, unknown, unknown]);
    }
  }

  #answer([, number, error, result]: [1, number, unknown, unknown]): void {
    const answer = this.#asked.get(number);
    this.#asked.delete(number);
    if (error) answer?.reject(failure(error));
    else answer?.resolve(result);
  }

  #end(error: Error): void {
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
  }
}
