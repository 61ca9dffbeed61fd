// WebDriver, the standard for controlling a browser (https://www.w3.org/TR/webdriver2/). Lists the commands that the tests use,
// each with its path for drivers that speak HTTP and with its name for Firefox, which accepts them on a socket.

const COMMANDS = {
  setTimeouts: { path: 'POST /timeouts', name: 'WebDriver:SetTimeouts' },
  navigate: { path: 'POST /url', name: 'WebDriver:Navigate' },
  refresh: { path: 'POST /refresh', name: 'WebDriver:Refresh' },
  execute: { path: 'POST /execute/async', name: 'WebDriver:ExecuteAsyncScript' },
  click: { path: 'POST /element/{id}/click', name: 'WebDriver:ElementClick' },
  clear: { path: 'POST /element/{id}/clear', name: 'WebDriver:ElementClear' },
  sendKeys: { path: 'POST /element/{id}/value', name: 'WebDriver:ElementSendKeys' },
  actions: { path: 'POST /actions', name: 'WebDriver:PerformActions' },
  deleteCookies: { path: 'DELETE /cookie', name: 'WebDriver:DeleteAllCookies' },
  screenshot: { path: 'GET /screenshot', name: 'WebDriver:TakeScreenshot' },
} as const;

export type Command = keyof typeof COMMANDS;
export type Params = Record<string, unknown>;

/** The connection to a browser. */
export interface Wire {
  send(command: Command, params?: Params): Promise<unknown>;
}

/** A session with a driver that speaks HTTP. */
export class Http implements Wire {
  readonly #session: string;

  private constructor(session: string) {
    this.#session = session;
  }

  static async begin(driver: string, capabilities: Params): Promise<Http> {
    const begun = await ask('POST', `${driver}/session`, { capabilities: { alwaysMatch: capabilities } });
    return new Http(`${driver}/session/${(begun as { sessionId: string }).sessionId}`);
  }

  send(command: Command, params: Params = {}): Promise<unknown> {
    const [method, path] = COMMANDS[command].path.split(' ') as [string, string];
    return this.ask(method, path.replace('{id}', String(params.id)), params);
  }

  /** Sends a command that only this browser's driver has. */
  ask(method: string, path: string, params: Params = {}): Promise<unknown> {
    return ask(method, this.#session + path, params);
  }
}

async function ask(method: string, url: string, params: Params): Promise<unknown> {
  const body = method === 'POST' ? JSON.stringify(params) : null;
  const response = await fetch(url, { method, body });
  const { value } = (await response.json()) as { value: unknown };
  if (!response.ok) throw failure(value);
  return value;
}

/** Firefox's name for a command. */
export const named = (command: Command): string => COMMANDS[command].name;

/** Converts a driver's error response to an `Error`. */
export function failure(said: unknown): Error {
  const { error, message } = said as { error: string; message: string };
  return new Error(`${error}: ${message}`);
}
