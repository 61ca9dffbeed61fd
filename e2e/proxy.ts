// A proxy between the browser and Snug. It can drop cookies, or serve several Snug servers on one host.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Server } from './server.ts';

type Headers = (headers: IncomingHttpHeaders) => IncomingHttpHeaders;

export class Proxy {
  readonly #server;
  readonly #sockets = new Set<Socket>();

  /** `servers` lists Snug servers by path prefix, longest prefix first. The proxy removes the prefix from the request. */
  private constructor(servers: [string, Server][], headers: Headers) {
    const route = (address: string) => {
      const [path, { url }] = servers.find(([path]) => address.startsWith(path)) ?? servers.at(-1)!;
      const { hostname, port } = new URL(url);
      return { hostname, port: Number(port), path: address.slice(path.length - 1) };
    };
    this.#server = createServer((incoming, response) => {
      const to = { method: incoming.method, headers: headers(incoming.headers), ...route(incoming.url!) };
      const forwarded = request(to, (upstream) => {
        response.writeHead(upstream.statusCode!, headers(upstream.headers));
        upstream.pipe(response);
      });
      forwarded.on('error', () => response.destroy());
      incoming.pipe(forwarded);
    });
    this.#server.on('upgrade', (incoming, socket: Socket, head: Buffer) => {
      const { hostname, port, path } = route(incoming.url!);
      const snug = connect(port, hostname);
      const headerLines = Object.entries(headers(incoming.headers)).map(([name, value]) => `${name}: ${value}\r\n`);
      snug.write(`GET ${path} HTTP/1.1\r\n${headerLines.join('')}\r\n`);
      snug.write(head);
      snug.pipe(socket).pipe(snug);
      for (const [one, other] of [[socket, snug], [snug, socket]] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy()).on('close', () => (this.#sockets.delete(one), other.destroy()));
      }
    });
  }

  /** A proxy that drops all cookies, in both directions. */
  static async withoutCookies(snug: Server): Promise<Proxy> {
    const without: Headers = ({ cookie: _, 'set-cookie': __, ...others }) => others;
    return Proxy.#open(new Proxy([['/', snug]], without));
  }

  /** A proxy that serves one Snug under `path` and another one under all other paths. */
  static async onSharedHost(path: string, below: Server, others: Server): Promise<Proxy> {
    return Proxy.#open(new Proxy([[path, below], ['/', others]], (headers) => headers));
  }

  static async #open(proxy: Proxy): Promise<Proxy> {
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Closes every WebSocket, as a short network outage does. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
    this.cut();
  }
}
