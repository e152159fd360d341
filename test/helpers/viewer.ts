import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { answerVncAuth } from '../../lib/rfb/login/vnc-auth.ts';
import { setEncodings, setPixelFormat } from '../rfb/helpers/browser-says.ts';
import { Browser, type Farewell } from './browser.ts';

const BANNER = 'RFB 003.008\n';
const RAW = 0;
const PIXEL = 4;

/** What a person would type, if the page asked. */
export interface Typed {
  readonly username?: string;
  readonly password?: string;
}

/** A rectangle of an update: its head, and what Raw says of it. */
export interface Rectangle {
  readonly encoding: number;
  readonly width: number;
  readonly height: number;
  readonly body: Buffer;
}

/** What a server says once a viewer is in. */
export interface ServerMessage {
  readonly type: number;
  readonly rectangles: readonly Rectangle[];
  /** The text of a ServerCutText, the payload of a Fence. */
  readonly data: Buffer;
}

/** The least of a VNC viewer, on a WebSocket: signs in as it is asked to, and reads what comes in Raw. */
export class Viewer {
  readonly browser: Browser;
  /** The security type that was offered, or the sub-type of VeNCrypt. */
  security = 0;
  width = 0;
  height = 0;
  name = '';

  constructor(t: TestContext, url: string) {
    this.browser = Browser.open(t, url);
    this.browser.socket.on('close', (code) => {
      this.browser.inbox.fail(new Error(`the session ended with ${code}`));
    });
  }

  /** From the relay's banner to ServerInit. Rejects with the close code where the session ends first. */
  async enter(typed: Typed = {}): Promise<void> {
    assert.equal((await this.read(12)).toString(), BANNER);
    this.send(Buffer.from(BANNER));
    await this.#signIn(typed);
    this.security ||= 1;
    const result = (await this.read(4)).readUInt32BE();
    if (result !== 0) {
      const words = await this.read((await this.read(4)).readUInt32BE());
      throw new Error(`${words} (${(await this.browser.closed()).code})`);
    }
    this.send(Buffer.of(1));
    const init = await this.read(24);
    this.width = init.readUInt16BE(0);
    this.height = init.readUInt16BE(2);
    this.name = (await this.read(init.readUInt32BE(20))).toString();
  }

  /** How it ends for one that is not let in. */
  async refused(typed: Typed = {}): Promise<Farewell> {
    await assert.rejects(this.enter(typed));
    return this.browser.closed();
  }

  /** Asks for the whole screen, in Raw; returns its pixels, 4 bytes each. */
  async screen(...encodings: number[]): Promise<Buffer> {
    this.send(setPixelFormat());
    this.send(setEncodings(RAW, ...encodings));
    return this.look();
  }

  /** The whole screen, again. */
  async look(): Promise<Buffer> {
    const area = this.width * this.height;
    const pixels: Buffer[] = [];
    let isAsked = false;
    for (let covered = 0; covered < area; ) {
      this.request(isAsked);
      isAsked = true;
      for (const { encoding, width, height, body } of (await this.update()).rectangles) {
        if (encoding !== RAW) continue;
        covered += width * height;
        pixels.push(body);
      }
    }
    return Buffer.concat(pixels);
  }

  request(incremental: boolean): void {
    const bytes = Buffer.alloc(10);
    bytes.set([3, incremental ? 1 : 0]);
    bytes.writeUInt16BE(this.width, 6);
    bytes.writeUInt16BE(this.height, 8);
    this.send(bytes);
  }

  /** The next update; what comes before it goes to `onMessage`. */
  async update(onMessage: (message: ServerMessage) => void = () => {}): Promise<ServerMessage> {
    for (;;) {
      const message = await this.message();
      if (message.type === 0) return message;
      onMessage(message);
    }
  }

  /** The next message of the server's (RFC 6143 section 7.6, and rfbproto). */
  async message(): Promise<ServerMessage> {
    const type = (await this.read(1)).readUInt8();
    let data: Buffer = Buffer.alloc(0);
    const rectangles: Rectangle[] = [];
    if (type === 0) {
      let count = (await this.read(3)).readUInt16BE(1);
      while (count-- > 0) rectangles.push(await this.#rectangle());
    } else if (type === 1) {
      data = await this.read((await this.read(5)).readUInt16BE(3) * 6);
    } else if (type === 3) {
      data = await this.read(Math.abs((await this.read(7)).readInt32BE(3)));
    } else if (type === 248) {
      data = await this.read((await this.read(8)).readUInt8(7));
    } else if (type === 250) {
      data = await this.read(3);
    } else {
      assert.ok(type === 2 || type === 150, `a message of type ${type}`);
    }
    return { type, rectangles, data };
  }

  send(bytes: Uint8Array): void {
    this.browser.send(bytes);
  }

  read(size: number): Promise<Buffer> {
    return this.browser.read(size);
  }

  async #signIn({ username = '', password = '' }: Typed): Promise<void> {
    const types = await this.read((await this.read(1)).readUInt8());
    assert.equal(types.length, 1, 'the relay offers one way');
    this.security = types[0]!;
    this.send(types);
    if (this.security === 2) this.send(answerVncAuth(password, await this.read(16)));
    if (this.security !== 19) return;
    this.send(await this.read(2));
    assert.equal((await this.read(2)).toString('hex'), '0001', 'the relay offers one sub-type');
    const choice = await this.read(4);
    this.security = choice.readUInt32BE();
    this.send(choice);
    const lengths = Buffer.alloc(8);
    lengths.writeUInt32BE(Buffer.byteLength(username), 0);
    lengths.writeUInt32BE(Buffer.byteLength(password), 4);
    this.send(Buffer.concat([lengths, Buffer.from(username + password)]));
  }

  async #rectangle(): Promise<Rectangle> {
    const head = await this.read(12);
    const width = head.readUInt16BE(4);
    const height = head.readUInt16BE(6);
    const encoding = head.readInt32BE(8);
    let body: Buffer = Buffer.alloc(0);
    if (encoding === RAW) body = await this.read(width * height * PIXEL);
    // Of an ExtendedDesktopSize: the screens it has.
    if (encoding === -308) body = await this.read((await this.read(4)).readUInt8() * 16);
    return { encoding, width, height, body };
  }
}
