import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { findProgram } from '../helpers/system.ts';
import { eventually } from './eventually.ts';
import type { Picture } from './picture.ts';

/** A Firefox without windows, driven through the WebDriver BiDi port of its own. */
export interface Firefox {
  /** Opens a tab that shares nothing with the others. */
  openTab(): Promise<FirefoxTab>;
  stop(): Promise<void>;
}

/** A tab with a page in it. */
export interface FirefoxTab {
  /** What a Content-Security-Policy kept from happening, and errors that nobody caught. */
  readonly complaints: string[];
  open(url: string): Promise<void>;
  /** Runs an expression in the page; its value has to fit into JSON. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until an expression is true in the page. */
  waitFor(expression: string): Promise<void>;
  /** Presses the mouse in the middle of an element, or `at` so many pixels from its corner. */
  click(selector: string, at?: readonly [x: number, y: number]): Promise<void>;
  /** Presses keys one after the other; those of `held` are down meanwhile. */
  type(text: string, held?: readonly string[]): Promise<void>;
  /** What the canvas of the remote screen holds. */
  picture(): Promise<Picture>;
  /** Saves what the page looks like, for people to judge. */
  shot(name: string): Promise<void>;
  close(): Promise<void>;
}

/** The code points that WebDriver has for keys without a character. */
export const KEYS = {
  Enter: '\uE007',
  Tab: '\uE004',
  Shift: '\uE008',
  Control: '\uE009',
  Alt: '\uE00A',
  Escape: '\uE00C',
} as const;

/** A text, as tsx adds to functions. */
const PIXELS = `(() => {
  const canvas = document.querySelector('#screen canvas');
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  let bytes = '';
  for (let from = 0; from < data.length; from += 8192)
    bytes += String.fromCharCode(...data.subarray(from, from + 8192));
  return { width, height, pixels: btoa(bytes) };
})()`;

const SHOTS = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const WIDE = { width: 1440, height: 900 };
const START_TIMEOUT = 60_000;

type Command = (method: string, params?: object) => Promise<Record<string, unknown>>;

/** Starts Firefox with a profile of its own, which is gone with it. */
export async function startFirefox(): Promise<Firefox> {
  const profile = await mkdtemp(join(tmpdir(), 'express-novnc-firefox-'));
  const firefox = spawn(
    findProgram('firefox-esr')!,
    ['--headless', '--no-remote', '--remote-debugging-port=0', '--profile', profile],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const port = new WebSocket(`${await portOf(firefox)}/session`);
  await once(port, 'open');
  const complaints = new Map<string, string[]>();
  const command = commander(port, complaints);
  await command('session.new', { capabilities: {} });
  await command('session.subscribe', { events: ['log.entryAdded'] });
  return {
    async openTab() {
      const { userContext } = await command('browser.createUserContext');
      const { context } = await command('browsingContext.create', { type: 'tab', userContext });
      await command('browsingContext.setViewport', { context, viewport: WIDE });
      const heard: string[] = [];
      complaints.set(context as string, heard);
      const close = async () => void (await command('browser.removeUserContext', { userContext }));
      return tabOf(command, context as string, heard, close);
    },
    async stop() {
      const exit = once(firefox, 'exit');
      firefox.kill();
      await exit;
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

/** Firefox tells the address of its port on its error stream. */
async function portOf(firefox: ChildProcess): Promise<string> {
  const late = setTimeout(() => firefox.kill(), START_TIMEOUT);
  for await (const line of createInterface(firefox.stderr!)) {
    const address = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1];
    if (address === undefined) continue;
    clearTimeout(late);
    firefox.stderr!.resume();
    return address;
  }
  throw new Error('Firefox ended before it listened');
}

/** Sends commands, and gives each its answer; puts what is logged to the tab it is of. */
function commander(port: WebSocket, complaints: Map<string, string[]>): Command {
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  let last = 0;
  port.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.method === 'log.entryAdded') {
      const { level, type, text, source } = message.params;
      const isOurs = type === 'javascript' || /Content-Security-Policy/.test(text ?? '');
      if (level === 'error' && isOurs) complaints.get(source.context)?.push(text);
    }
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  return async (method, params = {}) => {
    const id = ++last;
    const answer = new Promise<Record<string, unknown>>((resolve) => waiting.set(id, resolve));
    port.send(JSON.stringify({ id, method, params }));
    const { type, result, error, message } = await answer;
    if (type !== 'success') throw new Error(`${method}: ${error}: ${message}`);
    return result as Record<string, unknown>;
  };
}

function tabOf(
  command: Command,
  context: string,
  complaints: string[],
  close: () => Promise<void>,
): FirefoxTab {
  async function evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await command('script.evaluate', {
      expression: `(async () => JSON.stringify(await (${expression})) ?? 'null')()`,
      target: { context },
      awaitPromise: true,
      userActivation: true,
    });
    if (exceptionDetails) throw new Error((exceptionDetails as { text: string }).text);
    return JSON.parse((result as { value: string }).value);
  }

  async function perform(...actions: object[]): Promise<void> {
    await command('input.performActions', { context, actions });
  }

  return {
    complaints,
    evaluate,
    async open(url) {
      await command('browsingContext.navigate', { context, url, wait: 'complete' });
    },
    async waitFor(expression) {
      await eventually(expression, () => evaluate<boolean>(`Boolean(${expression})`));
    },
    async click(selector, at) {
      const box = await evaluate<{ x: number; y: number; width: number; height: number }>(
        `document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect()`,
      );
      const [x, y] = at ?? [box.width / 2, box.height / 2];
      const place = { x: Math.round(box.x + x), y: Math.round(box.y + y) };
      const press = [
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ];
      const actions = [{ type: 'pointerMove', ...place }, ...press];
      await perform({ type: 'pointer', id: 'mouse', actions });
    },
    async type(text, held = []) {
      const down = (value: string) => ({ type: 'keyDown', value });
      const up = (value: string) => ({ type: 'keyUp', value });
      const keys = [...text].flatMap((key) => [down(key), up(key)]);
      const actions = [...held.map(down), ...keys, ...held.map(up)];
      await perform({ type: 'key', id: 'keyboard', actions });
    },
    async picture() {
      const { pixels, ...size } = await evaluate<Omit<Picture, 'rgba'> & { pixels: string }>(
        PIXELS,
      );
      return { ...size, rgba: Buffer.from(pixels, 'base64') };
    },
    async shot(name) {
      const { data } = await command('browsingContext.captureScreenshot', { context });
      await mkdir(SHOTS, { recursive: true });
      await writeFile(`${SHOTS}${name}.png`, Buffer.from(data as string, 'base64'));
    },
    close,
  };
}
