import type { Door } from './host.ts';
import { RawBrowser, type RawResponse, type UpgradeOptions } from './raw-browser.ts';

/** What came of asking for a console. */
export interface Verdict {
  /** The HTTP status, or what a close code stands for: 4403 is 403, 1011 is 500; 101: let in. */
  readonly status: number;
  /** The close code that came after the handshake, if one did. */
  readonly closeCode: number | undefined;
  readonly reason: string;
  readonly response: RawResponse | undefined;
  readonly body: string;
}

/** Asks one door for a WebSocket and says what came of it; hangs up. */
export async function knock(
  door: Door,
  path: string,
  options: UpgradeOptions = {},
): Promise<Verdict> {
  const browser = await RawBrowser.open(door, path, options);
  const { response } = browser;
  try {
    if (response?.status !== 101) {
      if (response) await browser.hungUp();
      return verdict(response?.status ?? 0, browser);
    }
    if (door.kind === 'attach') return verdict(101, browser);
    // express-ws has accepted before anybody was asked: who is not let in is told by a close frame.
    await browser.until(
      'a close frame or the first bytes',
      () => browser.closing !== undefined || browser.payloadLength > 0 || browser.gone,
    );
    return verdict(statusOf(browser.closing?.code), browser);
  } finally {
    browser.destroy();
  }
}

/** Asks one door for a console and waits for the close code that follows the handshake. */
export async function fate(
  door: Door,
  path: string,
  options: UpgradeOptions = {},
): Promise<Verdict> {
  const browser = await RawBrowser.open(door, path, options);
  try {
    if (browser.response?.status === 101) await browser.closed(15_000);
    return verdict(browser.response?.status ?? 0, browser);
  } finally {
    browser.destroy();
  }
}

/** Sends one request as it stands, and reads the answer to the end of the connection. */
export async function ask(
  door: Door,
  path: string,
  {
    method = 'GET',
    headers = {},
  }: { method?: string; headers?: Record<string, string | string[] | null> } = {},
): Promise<Verdict> {
  const all: Record<string, string | string[] | null> = {
    Host: `127.0.0.1:${door.port}`,
    Connection: 'close',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === null ? [] : [value].flat().map((each) => `${name}: ${each}`),
  );
  return askRaw(door, [`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
}

/** Sends bytes and reads what comes until the end of the connection. */
export async function askRaw(door: Door, request: string | Uint8Array): Promise<Verdict> {
  const browser = await RawBrowser.connect(door);
  try {
    browser.write(request);
    await browser.hungUp(15_000);
    return verdict(browser.response?.status ?? 0, browser);
  } finally {
    browser.destroy();
  }
}

function statusOf(closeCode: number | undefined): number {
  if (closeCode === undefined) return 101;
  if (closeCode === 1011) return 500;
  return closeCode >= 4400 && closeCode < 4500 ? closeCode - 4000 : 101;
}

function verdict(status: number, browser: RawBrowser): Verdict {
  return {
    status,
    closeCode: browser.closing?.code,
    reason: browser.closing?.reason ?? '',
    response: browser.response,
    body: browser.body.toString('utf8'),
  };
}
