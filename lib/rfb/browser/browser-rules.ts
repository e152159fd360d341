import { ConsoleError } from '../../errors.ts';
import { isPlain } from '../pixel-format.ts';
import { mayPaste, mayResize, type Rights } from '../rights.ts';
import type { Agreed } from '../server/server-messages.ts';
import { AskedEncodings } from './asked-encodings.ts';
import * as types from './browser-message-sizes.ts';
import { breach } from './browser-message-sizes.ts';
import { HeldInput, MARKER } from './held-input.ts';

/** What is known of the server, and what it has to be told of. */
export interface ServerSide {
  readonly agreed: Readonly<Agreed>;
  setPixelFormat(bytes: Buffer, at: number): void;
}

const EMPTY = Buffer.alloc(0);

/** The longest text that is copied, in bytes. */
const MAX_CUT_TEXT = 64 * 1024 * 1024;

/** The flags that every message of the extended clipboard has, in bytes. */
const MIN_EXTENDED = 4;

/** As rfbproto has it: servers differ on a longer payload. */
const MAX_FENCE = 64;

/**
 * Says of each message of a browser's if it goes on. What goes on, a server must cut as it is cut
 * here: so its type is known, the extension that it belongs to has been shown by the server, and no
 * field has a value that servers read in two ways. What is dropped, no server sees: its length is
 * between the browser and us.
 */
export class BrowserRules {
  /** Of a long message: the bytes behind those that were looked at. */
  rest = 0;
  #rights: Rights;
  readonly #server: ServerSide;
  readonly #encodings = new AskedEncodings();
  readonly #input = new HeldInput();
  /** The server may send pixels from now on, at any time: their format has to stay. */
  #isRequested = false;

  constructor(rights: Rights, server: ServerSide) {
    this.#rights = rights;
    this.#server = server;
  }

  /** ClientInit (RFC 6143 section 7.3.1): more than 0 and 1 would make UltraVNC expect more bytes. */
  clientInit(shared: number): number {
    return this.#rights.viewOnly || this.#rights.shared || shared !== 0 ? 1 : 0;
  }

  /** Changes the rights; returns what the server has to be told for it. */
  restrict(rights: Rights): Buffer {
    const isTied = rights.viewOnly && !this.#rights.viewOnly;
    const { extendedMouse } = this.#server.agreed;
    // In the form that was agreed so far, so before the encodings.
    const releases = isTied
      ? this.#input.release(extendedMouse && this.#encodings.hasMouse)
      : EMPTY;
    this.#rights = rights;
    return Buffer.concat([releases, this.#encodings.editAnew(rights)]);
  }

  /** Says if the rest of a long message of this type is still the viewer's to say. */
  mayGoOn(type: number): boolean {
    if (type === types.CLIENT_CUT_TEXT) return mayPaste(this.#rights);
    if (type === types.SET_DESKTOP_SIZE) return mayResize(this.#rights);
    return true;
  }

  /**
   * Takes what `sizeToHave` wants of a message; returns how many bytes of it go on: all, or none,
   * or what is left of it. If any do, so does the rest.
   */
  take(bytes: Buffer, at: number, size: number): number {
    this.rest = 0;
    const { viewOnly, power } = this.#rights;
    const { agreed } = this.#server;
    switch (bytes[at]) {
      case types.SET_PIXEL_FORMAT:
        return this.#takeFormat(bytes, at) ? size : 0;
      case types.SET_ENCODINGS:
        this.#isRequested = true; // QEMU sends a cursor then, and an update, without being asked
        return this.#encodings.edit(bytes, at, size, this.#rights);
      case types.FRAMEBUFFER_UPDATE_REQUEST:
        this.#isRequested = true;
        return size;
      case types.KEY_EVENT:
        return !viewOnly && this.#input.key(bytes, at) ? size : 0;
      case types.POINTER_EVENT:
        return this.#takePointer(bytes, at) ? size : 0;
      case types.CLIENT_CUT_TEXT:
        return this.#takeCutText(bytes, at) ? size : 0;
      case types.ENABLE_CONTINUOUS_UPDATES:
        if (!agreed.continuousUpdates) return 0;
        this.#isRequested = true;
        return size;
      case types.FENCE:
        this.rest = bytes[at + 8]!;
        if (this.rest > MAX_FENCE) throw breach(`a fence of ${this.rest} bytes`);
        return agreed.fence ? size : 0;
      case types.XVP:
        return power && !viewOnly && agreed.xvp ? size : 0;
      case types.SET_DESKTOP_SIZE:
        this.rest = bytes[at + 6]! * 16;
        return mayResize(this.#rights) && agreed.desktopSize ? size : 0;
      default: // A key of QEMU's: sizeToHave knows no other.
        return !viewOnly && agreed.qemuKeys && this.#input.qemuKey(bytes, at) ? size : 0;
    }
  }

  /**
   * Only before pixels are asked for: from then on nobody knows which bytes of the server's are the
   * first in the new format, and a wrong guess would hide a clipboard in what seems to be pixels.
   */
  #takeFormat(bytes: Buffer, at: number): boolean {
    if (this.#isRequested) return false;
    if (!isPlain(bytes, at + 4)) throw breach('a pixel format that servers differ on');
    this.#server.setPixelFormat(bytes, at + 4);
    return true;
  }

  /**
   * With the marker it is longer, for a server that has agreed and has not been asked otherwise.
   * TigerVNC takes it so from SetEncodings on, before it says so: in between it could be cut both ways.
   */
  #takePointer(bytes: Buffer, at: number): boolean {
    const isExtended = (bytes[at + 1]! & MARKER) !== 0;
    if (isExtended && !this.#server.agreed.extendedMouse) {
      throw breach('a pointer event of a form that is not agreed');
    }
    if (this.#rights.viewOnly) return false;
    if (isExtended && !this.#encodings.hasMouse) {
      throw breach('a pointer event of a form that is not agreed any more');
    }
    this.#input.pointer(bytes, at);
    return true;
  }

  /** A length below 0 is one of the extended clipboard's, or to others one of almost 4 GiB. */
  #takeCutText(bytes: Buffer, at: number): boolean {
    const length = bytes.readInt32BE(at + 4);
    this.rest = Math.abs(length);
    if (this.rest > MAX_CUT_TEXT) {
      throw new ConsoleError('MESSAGE_TOO_LARGE', `the browser sent ${this.rest} bytes of text`);
    }
    if (!mayPaste(this.#rights)) return false;
    if (length >= 0) return true;
    if (!this.#server.agreed.extendedClipboard || this.rest < MIN_EXTENDED) {
      throw breach('a message of the extended clipboard that is not agreed');
    }
    // A browser that had it goes on with it, though a rule has taken it away since.
    return this.#encodings.hasClipboard;
  }
}
