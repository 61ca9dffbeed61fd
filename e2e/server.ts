// One real `snug` process and its folder of data. What a story does to it (kill, stop, start) is
// done with signals, as a machine or a person would.

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
  /** Where the page is; the same after every `start`. */
  url = '';
  /** What the server has written to stderr, to be shown when a story fails. */
  log = '';
  /** The link that makes its bearer the owner; printed after the address, as long as there is no owner. */
  ownerLink: Promise<string> = Promise.reject(new Error('The server has not started.'));
  #process: ChildProcess | undefined;
  readonly #data: string;
  readonly #args: string[];

  private constructor(data: string, args: string[]) {
    // Most stories do not ask for it.
    this.ownerLink.catch(() => {});
    this.#data = data;
    this.#args = args;
  }

  /** A server on a free port with an empty folder of data; `args` come after `serve`'s own. */
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

  /** Starts it, or starts it again: same folder, same port, so that open pages find it; `more` come after the other arguments. */
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

  /** Power gone: no goodbye, no last write. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** A polite stop, as a service manager's; resolves when the process has ended. */
  async stop(): Promise<void> {
    const code = await this.#end('SIGTERM');
    if (code !== 0) throw new Error(`The server ended with ${code} after SIGTERM:\n${this.log}`);
  }

  /** Ends it whatever state it is in, and forgets its data. */
  async dispose(): Promise<void> {
    await this.#end('SIGKILL');
    await rm(this.#data, { recursive: true, force: true });
  }

  #running(): boolean {
    const child = this.#process;
    // Without a pid it has never started: there is no such program.
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** The exit code, or the name of the signal that ended it. */
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

  /** Its first line of output says where it listens; the port was the system's choice. */
  async #address(child: ChildProcess): Promise<string> {
    const gone = new AbortController();
    child.once('error', (cause) => gone.abort(cause));
    child.once('exit', (code, by) => gone.abort(new Error(`It ended with ${code ?? by}.`)));
    // Read to the end: an unread pipe would fill up and stop the server.
    const lines = createInterface({ input: child.stdout! });
    this.ownerLink = new Promise((found, none) => {
      lines.on('line', (line) => {
        const link = /^no owner yet; .*: (http:\/\/\S+)$/.exec(line)?.[1];
        if (link) found(link);
      });
      lines.once('close', () => none(new Error('The server has ended.')));
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
