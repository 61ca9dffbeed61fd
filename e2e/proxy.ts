// What stands between a browser and Snug: cookies that do not come through, or a host that several programs share.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Server } from './server.ts';

type Headers = (headers: IncomingHttpHeaders) => IncomingHttpHeaders;

export class Proxy {
  readonly #server;
  readonly #sockets = new Set<Socket>();

  /** `snugs` by the path that they are under, which is taken away; the longest path first. */
  private constructor(snugs: [string, Server][], headers: Headers) {
    const route = (address: string) => {
      const [path, { url }] = snugs.find(([path]) => address.startsWith(path)) ?? snugs.at(-1)!;
      const { hostname, port } = new URL(url);
      return { hostname, port: Number(port), path: address.slice(path.length - 1) };
    };
    this.#server = createServer((asked, answer) => {
      const to = { method: asked.method, headers: headers(asked.headers), ...route(asked.url!) };
      const passed = request(to, (answered) => {
        answer.writeHead(answered.statusCode!, headers(answered.headers));
        answered.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      asked.pipe(passed);
    });
    this.#server.on('upgrade', (asked, socket: Socket, early: Buffer) => {
      const { hostname, port, path } = route(asked.url!);
      const snug = connect(port, hostname);
      const lines = Object.entries(headers(asked.headers)).map(([name, value]) => `${name}: ${value}\r\n`);
      snug.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
      snug.write(early);
      snug.pipe(socket).pipe(snug);
      for (const [one, other] of [[socket, snug], [snug, socket]] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy()).on('close', () => (this.#sockets.delete(one), other.destroy()));
      }
    });
  }

  /** No cookie comes through, in either direction. */
  static async forgetful(snug: Server): Promise<Proxy> {
    const without: Headers = ({ cookie: _, 'set-cookie': __, ...others }) => others;
    return Proxy.#open(new Proxy([['/', snug]], without));
  }

  /** A host with a Snug under a path, and another one under all others. */
  static async sharing(path: string, below: Server, others: Server): Promise<Proxy> {
    return Proxy.#open(new Proxy([[path, below], ['/', others]], (headers) => headers));
  }

  static async #open(proxy: Proxy): Promise<Proxy> {
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The network is gone for a moment: every WebSocket ends. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.cut();
  }
}
