import { KeptBytes } from '../kept-bytes.ts';
import { type PixelSize, pixelSize } from '../pixel-format.ts';
import { mayCopy, mayPaste, type Rights } from '../rights.ts';
import { lost } from './framed.ts';
import { type AgreedByRectangle, UpdateBody } from './update-body.ts';

/** Which extensions a server has shown that it knows (rfbproto). */
export interface Agreed extends AgreedByRectangle {
  xvp: boolean;
  fence: boolean;
  continuousUpdates: boolean;
  extendedClipboard: boolean;
}

const FRAMEBUFFER_UPDATE = 0;
const SET_COLOUR_MAP_ENTRIES = 1;
const BELL = 2;
const SERVER_CUT_TEXT = 3;
const END_OF_CONTINUOUS_UPDATES = 150;
const FENCE = 248;
const XVP = 250;

/** Bytes between a message's type and the end of the field that tells its length, by type. */
const HEADS: ReadonlyMap<number, number> = new Map([
  [FRAMEBUFFER_UPDATE, 3],
  [SET_COLOUR_MAP_ENTRIES, 5],
  [BELL, 0],
  [SERVER_CUT_TEXT, 7],
  [END_OF_CONTINUOUS_UPDATES, 0],
  [FENCE, 8],
  [XVP, 3],
]);

const SERVER_INIT_LENGTH = 24;

/** The capabilities of an extended clipboard that has none (rfbproto): a ServerCutText of -4 bytes. */
const NO_EXTENDED_CLIPBOARD = Buffer.from([
  SERVER_CUT_TEXT,
  0,
  0,
  0,
  0xff,
  0xff,
  0xff,
  0xfc,
  1,
  0,
  0,
  0,
]);
const EMPTY = Buffer.alloc(0);

type Awaited = 'init' | 'type' | 'head' | 'update';

/**
 * Follows what a server says from ServerInit on (RFC 6143 sections 7.3.2 and 7.6), message by
 * message and rectangle by rectangle, whatever way it is cut, and decodes no pixel. It passes all on
 * as it comes, and leaves out what a viewer may not have; nothing is held back.
 */
export class ServerMessages {
  /** Grows only. */
  readonly agreed: Agreed = {
    extendedMouse: false,
    qemuKeys: false,
    desktopSize: false,
    xvp: false,
    fence: false,
    continuousUpdates: false,
    extendedClipboard: false,
  };
  #rights: Rights;
  /** Why it cannot follow any more. */
  #lost: unknown = null;
  #pixel: PixelSize | null = null;
  readonly #kept = new KeptBytes();
  readonly #update = new UpdateBody(this.agreed);

  #awaited: Awaited = 'init';
  /** Bytes to pass by, and then to have before the next step. */
  #skip = 0;
  #need = SERVER_INIT_LENGTH;
  /** Those of them that came in earlier chunks. */
  readonly #head = Buffer.alloc(SERVER_INIT_LENGTH);
  #have = 0;
  #type = 0;
  #isDropped = false;
  #isWithdrawn = false;
  /** What the browser has to be told where a message ends. */
  #due = EMPTY;

  constructor(rights: Rights) {
    this.#rights = rights;
  }

  /** False once something came whose length nobody knows: all is passed on from there. */
  get isFramed(): boolean {
    return this.#lost === null;
  }

  /**
   * Changes the rights, from the next message on; throws, and does not, if they cannot be kept.
   * Returns what the browser has to be told for it, at once; while a message is on its way nothing
   * can be, and a later `filter` returns it behind a message.
   */
  restrict(rights: Rights): Buffer {
    if (this.#lost !== null && !mayCopy(rights)) throw this.#lost;
    this.#rights = rights;
    this.#withdrawClipboard();
    return this.#takeDue();
  }

  /** Takes the PIXEL_FORMAT that the server is asked for, which may be before its ServerInit came. */
  setPixelFormat(bytes: Buffer, at: number): void {
    this.#pixel = pixelSize(bytes, at);
  }

  /** Takes what was sent; returns what of it may go on: a view of the chunk, which is changed by it. */
  filter(chunk: Buffer): Buffer {
    if (this.#lost !== null) return chunk;
    this.#kept.begin(chunk, 0);
    try {
      this.#read(chunk);
    } catch (error) {
      this.#lost = error;
      if (!mayCopy(this.#rights)) throw error;
    }
    const passed = this.#kept.finish();
    const due = this.#takeDue();
    return due.length === 0 ? passed : Buffer.concat([passed, due]);
  }

  /**
   * The extended clipboard goes both ways or none. A browser that went on with it where it may only
   * paste would paste nothing; it gets it back by what the server says when it is asked again.
   */
  #withdrawClipboard(): void {
    if (mayCopy(this.#rights)) {
      this.#isWithdrawn = false;
      this.#due = EMPTY;
    } else if (mayPaste(this.#rights) && this.agreed.extendedClipboard && !this.#isWithdrawn) {
      this.#isWithdrawn = true;
      this.#due = NO_EXTENDED_CLIPBOARD;
    }
  }

  /** What the browser has to be told, if that may stand here. */
  #takeDue(): Buffer {
    const isBorder = this.#awaited === 'type' && this.#skip === 0;
    if (!isBorder || this.#lost !== null) return EMPTY;
    const due = this.#due;
    this.#due = EMPTY;
    return due;
  }

  #read(chunk: Buffer): void {
    const end = chunk.length;
    let at = 0;
    // Where the message begins, or the rest of it, that is being read.
    let begin = 0;
    while (at < end) {
      if (this.#skip > 0) {
        const length = Math.min(this.#skip, end - at);
        this.#skip -= length;
        at += length;
        continue;
      }
      if (this.#awaited === 'type') {
        if (this.#isDropped) this.#kept.drop(begin, at);
        begin = at;
      }
      const length = Math.min(this.#need - this.#have, end - at);
      const from = at;
      at += length;
      if (length === this.#need) {
        this.#advance(chunk, from);
        continue;
      }
      chunk.copy(this.#head, this.#have, from, at);
      this.#have += length;
      if (this.#have < this.#need) break;
      this.#have = 0;
      this.#advance(this.#head, 0);
    }
    if (this.#isDropped) this.#kept.drop(begin, end);
  }

  #advance(bytes: Buffer, at: number): void {
    switch (this.#awaited) {
      case 'init':
        this.#pixel ??= pixelSize(bytes, at + 4);
        this.#await('type', bytes.readUInt32BE(at + 20), 1);
        return;
      case 'type':
        this.#onType(bytes[at]!);
        return;
      case 'head':
        this.#onHead(bytes, at);
        return;
      case 'update':
        this.#update.next(bytes, at);
        this.#followUpdate();
        return;
    }
  }

  #onType(type: number): void {
    const head = HEADS.get(type);
    if (head === undefined) throw lost(`a message of type ${type}`);
    this.#type = type;
    // Decided once: a part of a message would be none.
    this.#isDropped = type === SERVER_CUT_TEXT && !mayCopy(this.#rights);
    if (type === END_OF_CONTINUOUS_UPDATES) this.agreed.continuousUpdates = true;
    if (head > 0) this.#await('head', 0, head);
  }

  #onHead(bytes: Buffer, at: number): void {
    switch (this.#type) {
      case FRAMEBUFFER_UPDATE:
        this.#update.begin(bytes.readUInt16BE(at + 1), this.#pixel!);
        this.#followUpdate();
        return;
      case SET_COLOUR_MAP_ENTRIES:
        this.#await('type', bytes.readUInt16BE(at + 3) * 6, 1);
        return;
      case SERVER_CUT_TEXT: {
        // Below 0 it is a message of the extended clipboard.
        const length = bytes.readInt32BE(at + 3);
        if (length < 0) this.agreed.extendedClipboard = true;
        this.#await('type', Math.abs(length), 1);
        return;
      }
      case FENCE:
        this.agreed.fence = true;
        this.#await('type', bytes[at + 7]!, 1);
        return;
      case XVP:
        this.agreed.xvp = true;
        this.#await('type', 0, 1);
        return;
    }
  }

  #followUpdate(): void {
    const { skip, need } = this.#update;
    if (need > 0) this.#await('update', skip, need);
    else this.#await('type', skip, 1);
  }

  #await(awaited: Awaited, skip: number, need: number): void {
    this.#awaited = awaited;
    this.#skip = skip;
    this.#need = need;
  }
}
