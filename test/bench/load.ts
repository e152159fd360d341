import { createHash, type Hash } from 'node:crypto';
import { BANNER, Browser } from './browser.ts';
import { keystream } from './keystream.ts';
import { maskedFrame, maskedFrameOf } from './masked-frame.ts';
import { offer } from './remote.ts';

/** Where the browsers go: a relay's port, and the path of its WebSocket; null for bare TCP. */
export interface Door {
  readonly port: number;
  readonly path: string | null;
}

interface Stalled {
  readonly browser: Browser;
  readonly digest: Digest;
}

/** Frames are written in blocks of about this size, for fewer calls of the kernel. */
const WRITE_SIZE = 256 * 1024;

/** RFB 3.8 with security None, and what comes back: types, result, ServerInit of a nameless desktop. */
const SIGN_IN = [
  { says: Buffer.from(BANNER), hears: 2 },
  { says: Buffer.of(1), hears: 4 },
  { says: Buffer.of(1), hears: 24 },
];

const held = new Set<Browser>();
const stalled = new Map<number, Stalled>();

/** Reads so many bytes at full speed; tells the seconds it took. */
async function download({ port, path }: Door, bytes: number): Promise<number> {
  const browser = await Browser.open(port, path);
  const seconds = stopwatch();
  await browser.receive(bytes);
  const taken = seconds();
  browser.close();
  return taken;
}

/** Sends so many frames of a size, until they are answered with one byte; tells the seconds. */
async function upload({ port, path }: Door, frames: number, size: number): Promise<number> {
  const browser = await Browser.open(port, path);
  const frame = path === null ? Buffer.alloc(size) : maskedFrame(size);
  const block = Buffer.concat(Array.from({ length: Math.ceil(WRITE_SIZE / size) }, () => frame));
  const seconds = stopwatch();
  for (let left = frames * frame.length; left > 0; left -= block.length) {
    if (!browser.send(block.subarray(0, left))) await browser.drained();
  }
  await browser.receive(1);
  const taken = seconds();
  browser.close();
  return taken;
}

/** Sends messages, each after the echo of the one before; tells the median round trip in seconds. */
async function pingPong({ port, path }: Door, messages: number, size: number): Promise<number> {
  const browser = await Browser.open(port, path);
  const message = path === null ? Buffer.alloc(size) : maskedFrame(size);
  const taken = new Float64Array(messages);
  for (let i = 0; i < messages; i++) {
    const seconds = stopwatch();
    browser.send(message);
    await browser.receive(size);
    taken[i] = seconds();
  }
  browser.close();
  return taken.sort()[messages >> 1]!;
}

/** Opens and closes sessions one after another, each once its banner is there; tells the seconds. */
async function openAndClose({ port, path }: Door, sessions: number): Promise<number> {
  const seconds = stopwatch();
  for (let i = 0; i < sessions; i++) (await Browser.open(port, path)).close();
  return seconds();
}

/** Opens sessions, beside any that are held, that read whatever comes until `release`. */
async function hold({ port, path }: Door, sessions: number): Promise<void> {
  for (let i = 0; i < sessions; i++) held.add(await Browser.open(port, path));
}

/** The same, and signs in to each as a viewer of a desktop that asks for nothing. */
async function holdDesktops(door: Door, sessions: number): Promise<void> {
  for (let i = 0; i < sessions; i++) {
    const browser = await Browser.open(door.port, door.path);
    for (const { says, hears } of SIGN_IN) {
      browser.send(maskedFrameOf(says));
      await browser.receive(hears);
    }
    held.add(browser);
  }
}

/** Tells how many bytes the held sessions have read since the last time it was asked. */
function heldBytes(): number {
  let bytes = 0;
  for (const browser of held) bytes += browser.claim();
  return bytes;
}

function release(): void {
  for (const browser of held) browser.close();
  held.clear();
}

/** Opens a session, reads so many bytes at full speed, and then nothing until `resume`. */
async function stall({ port, path }: Door, bytes: number): Promise<void> {
  const digest = new Digest();
  const browser = await Browser.open(port, path, (payload) => digest.update(payload));
  await browser.receive(bytes);
  browser.stall();
  stalled.set(port, { browser, digest });
}

/** Reads so many bytes more, and tells whether all were the keystream's. */
async function resume({ port }: Door, bytes: number): Promise<boolean> {
  const { browser, digest } = stalled.get(port)!;
  stalled.delete(port);
  browser.resume();
  await browser.receive(bytes);
  browser.close();
  return digest.isOfKeystream();
}

/** SHA-256 of all that a session has brought. */
class Digest {
  readonly #hash: Hash = createHash('sha256');
  #bytes = 0;

  update(payload: Buffer): void {
    this.#hash.update(payload);
    this.#bytes += payload.length;
  }

  isOfKeystream(): boolean {
    const expected = createHash('sha256').update(BANNER);
    let left = this.#bytes - BANNER.length;
    for (const block of keystream()) {
      expected.update(block.subarray(0, left));
      left -= block.length;
      if (left <= 0) break;
    }
    return expected.digest('hex') === this.#hash.digest('hex');
  }
}

function stopwatch(): () => number {
  const start = performance.now();
  return () => (performance.now() - start) / 1000;
}

const functions = {
  download,
  heldBytes,
  hold,
  holdDesktops,
  openAndClose,
  pingPong,
  release,
  resume,
  stall,
  upload,
};
export type Load = typeof functions;
offer(functions);
