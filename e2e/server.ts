// A real `snug` process with its data folder. Tests kill, stop and start it with signals, as a
// service manager or an administrator does.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.SNUG_BIN || fileURLToPath(new URL('../target/release/snug', import.meta.url));
const START_LIMIT = 15_000;
const STOP_LIMIT = 15_000;

export class Server {
  /** The URL of the page. It stays the same after a restart. */
  url = '';
  /** The server's stderr. It is attached to the report of a failed test. */
  log = '';
  /** The link to create the owner account. The server prints it after its address while there is no owner. */
  ownerLink: Promise<string> = Promise.reject(new Error('The server has not started.'));
  #process: ChildProcess | undefined;
  readonly #data: string;
  readonly #args: string[];

  private constructor(data: string, args: string[]) {
    // Most tests do not use the link, so its rejection must not count as unhandled.
    this.ownerLink.catch(() => {});
    this.#data = data;
    this.#args = args;
  }

  /** Starts a server on a free port with an empty data folder. `args` follow the default arguments of `serve`. */
  static async run(args: string[] = []): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), 'snug-story-')), args);
    try {
      await server.start();
    } catch (cause) {
      await server.dispose();
      throw cause;
    }
    return server;
  }

  /** Starts or restarts the server with the same folder and port, so that open pages reconnect. `more` adds arguments. */
  async start(more: string[] = []): Promise<void> {
    if (this.#running()) throw new Error('The server is running already.');
    const listen = this.url ? new URL(this.url).host : '127.0.0.1:0';
    const child = spawn(BINARY, ['serve', '--listen', listen, '--data', this.#data, ...this.#args, ...more], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.log += text));
    this.url = await this.#address(child);
  }

  /** Kills the server like a power failure: it closes no connection and writes nothing more. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Stops the server gracefully, as a service manager does. Resolves when the process has ended. */
  async stop(): Promise<void> {
    const code = await this.#end('SIGTERM');
    if (code !== 0) throw new Error(`The server ended with ${code} after SIGTERM:\n${this.log}`);
  }

  /** Kills the process if it runs, and deletes its data. */
  async dispose(): Promise<void> {
    await this.#end('SIGKILL');
    await rm(this.#data, { recursive: true, force: true });
  }

  #running(): boolean {
    const child = this.#process;
    // A process without a pid never started: the binary does not exist.
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Ends the process. Returns its exit code, or the name of the signal that ended it. */
  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string | undefined> {
    const child = this.#process;
    if (!child || !this.#running()) return child?.exitCode ?? child?.signalCode ?? undefined;
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(STOP_LIMIT) });
    child.kill(signal);
    try {
      const [code, by] = await ended;
      return code ?? by;
    } catch (cause) {
      child.kill('SIGKILL');
      throw new Error(`The server did not end in ${STOP_LIMIT} ms after ${signal}:\n${this.log}`, { cause });
    }
  }

  /** Reads the server's URL from its first line of output. The system chose the port. */
  async #address(child: ChildProcess): Promise<string> {
    const gone = new AbortController();
    child.once('error', (cause) => gone.abort(cause));
    child.once('exit', (code, by) => gone.abort(new Error(`It ended with ${code ?? by}.`)));
    // Read all output: a full pipe would block the server.
    const lines = createInterface({ input: child.stdout! });
    this.ownerLink = new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        const link = /^no owner yet; .*: (http:\/\/\S+)$/.exec(line)?.[1];
        if (link) resolve(link);
      });
      lines.once('close', () => reject(new Error('The server has ended.')));
    });
    this.ownerLink.catch(() => {});
    try {
      const limit = AbortSignal.timeout(START_LIMIT);
      const [line] = await once(lines, 'line', { signal: AbortSignal.any([gone.signal, limit]) });
      const url = /^listening on (http:\/\/\S+)$/.exec(line)?.[1];
      if (!url) throw new Error(`It said: ${line}`);
      return url;
    } catch (cause) {
      child.kill('SIGKILL');
      const why = gone.signal.aborted ? gone.signal.reason : cause;
      throw new Error(`${BINARY} did not start. ${why}\n${this.log}`, { cause });
    }
  }
}
