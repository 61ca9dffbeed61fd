// A TCP relay between the browser and Snug that a test can interrupt. The engines' own offline modes differ too much.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export class Relay {
  readonly #server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#server = createServer((browser) => {
      if (this.#isCut) return void browser.destroy();
      const snug = connect(Number(port), hostname);
      browser.pipe(snug).pipe(browser);
      for (const [one, other] of [[browser, snug], [snug, browser]] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy()).on('close', () => (this.#sockets.delete(one), other.destroy()));
      }
    });
  }

  static async to(url: string): Promise<Relay> {
    const relay = new Relay(url);
    await once(relay.#server.listen(0, '127.0.0.1'), 'listening');
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}
