// What stands between a browser and Snug where cookies are blocked: none of them comes through, in either direction.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, type Socket, connect } from 'node:net';
import type { Server } from './server.ts';

export class Forgetful {
  readonly #server;
  readonly #sockets = new Set<Socket>();

  private constructor(snug: Server) {
    const { hostname, port } = new URL(snug.url);
    const without = (headers: IncomingHttpHeaders) => {
      const { cookie: _, 'set-cookie': __, ...others } = headers;
      return others;
    };
    this.#server = createServer((asked, answer) => {
      const { method, url: path } = asked;
      const passed = request({ hostname, port, method, path, headers: without(asked.headers) }, (answered) => {
        answer.writeHead(answered.statusCode!, without(answered.headers));
        answered.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      asked.pipe(passed);
    });
    this.#server.on('upgrade', (asked, socket: Socket, early: Buffer) => {
      const snugs = connect(Number(port), hostname);
      const headers = Object.entries(without(asked.headers)).map(([name, value]) => `${name}: ${value}\r\n`);
      snugs.write(`GET ${asked.url} HTTP/1.1\r\n${headers.join('')}\r\n`);
      snugs.write(early);
      snugs.pipe(socket).pipe(snugs);
      for (const [one, other] of [[socket, snugs], [snugs, socket]] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy()).on('close', () => (this.#sockets.delete(one), other.destroy()));
      }
    });
  }

  static async before(snug: Server): Promise<Forgetful> {
    const forgetful = new Forgetful(snug);
    await once(forgetful.#server.listen(0, '127.0.0.1'), 'listening');
    return forgetful;
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
