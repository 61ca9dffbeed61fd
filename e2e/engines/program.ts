// A browser or one of its helper programs. It is started, reports that it is ready, and ends with the test worker.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const START_LIMIT = 30_000;

export class Program {
  /** The collected output of all its pipes. */
  output = '';
  /** Rejects when the program has ended. */
  readonly ended: Promise<never>;
  readonly #child: ChildProcess;
  readonly #name: string;

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    this.ended = once(child, 'exit').then(() => this.#fail('ended'));
    this.ended.catch(() => {});
    // A worker that fails to start a browser never closes it, so kill the program when the worker exits.
    process.once('exit', () => child.kill('SIGKILL'));
    for (const pipe of [child.stdout!, child.stderr!, child.stdio[3]]) {
      if (pipe && 'setEncoding' in pipe) pipe.setEncoding('utf8').on('data', (text: string) => this.#wrote(text));
    }
  }

  static start(name: string, args: string[], env: Record<string, string> = {}): Program {
    // The additional pipe is for Xvfb, which writes its display number there.
    const stdio = ['ignore', 'pipe', 'pipe', 'pipe'] as const;
    return new Program(name, spawn(name, args, { env: { ...process.env, ...env }, stdio: [...stdio] }));
  }

  /** Waits until the output matches, and returns the first capture group. */
  async waitForOutput(sentence: RegExp): Promise<string> {
    const limit = AbortSignal.timeout(START_LIMIT);
    const written = async () => {
      for (;;) {
        const found = sentence.exec(this.output);
        if (found) return found[1]!;
        await once(this.#child, 'written', { signal: limit }).catch(() => this.#fail('did not start'));
      }
    };
    return Promise.race([written(), this.ended]);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #wrote(text: string): void {
    this.output += text;
    this.#child.emit('written');
  }

  #fail(how: string): never {
    throw new Error(`${this.#name} ${how}:\n${this.output}`);
  }
}
