const KEY_EVENT = 4;
const POINTER_EVENT = 5;
const QEMU = 255;

const KEY_EVENT_LENGTH = 8;
const QEMU_KEY_LENGTH = 12;
const POINTER_LENGTH = 6;

/** Set in a button mask: its higher bits follow the position (rfbproto, ExtendedMouseButtons). */
export const MARKER = 0x80;

/** More than anybody has fingers for; a key that could not be released is not pressed. */
const MAX_KEYS = 256;

/** The keys and buttons that a browser holds down on the server, to release them in its place. */
export class HeldInput {
  /** By KeyEvents: keysyms. */
  readonly #keysyms = new Set<number>();
  /** By QEMU's: keysyms by key code; where that is 0, by the keysym itself, below 0. */
  readonly #keys = new Map<number, number>();
  #buttons = 0;
  #x = 0;
  #y = 0;
  #isExtended = false;

  /** Notes a KeyEvent (RFC 6143 section 7.5.4); false: it must not go on. */
  key(bytes: Buffer, at: number): boolean {
    const keysym = bytes.readUInt32BE(at + 4);
    if (bytes[at + 1] === 0) this.#keysyms.delete(keysym);
    else if (!this.#keysyms.has(keysym)) {
      if (this.#isFull) return false;
      this.#keysyms.add(keysym);
    }
    return true;
  }

  /** Notes a QEMU Extended Key Event (rfbproto); false: it must not go on. */
  qemuKey(bytes: Buffer, at: number): boolean {
    const keysym = bytes.readUInt32BE(at + 4);
    const code = bytes.readUInt32BE(at + 8);
    const key = code === 0 ? -1 - keysym : code;
    if (bytes.readUInt16BE(at + 2) === 0) this.#keys.delete(key);
    else if (!this.#keys.has(key)) {
      if (this.#isFull) return false;
      this.#keys.set(key, keysym);
    }
    return true;
  }

  /** Notes a PointerEvent (RFC 6143 section 7.5.5), or its longer form. */
  pointer(bytes: Buffer, at: number): void {
    const mask = bytes[at + 1]!;
    this.#isExtended = (mask & MARKER) !== 0;
    this.#buttons = this.#isExtended ? (mask & 0x7f) | (bytes[at + 6]! << 7) : mask;
    this.#x = bytes.readUInt16BE(at + 2);
    this.#y = bytes.readUInt16BE(at + 4);
  }

  /** The messages that release all of it; the longer form of a PointerEvent only if it may be. */
  release(mayExtend: boolean): Buffer {
    const parts: Buffer[] = [];
    for (const keysym of this.#keysyms) {
      const event = Buffer.alloc(KEY_EVENT_LENGTH);
      event[0] = KEY_EVENT;
      event.writeUInt32BE(keysym, 4);
      parts.push(event);
    }
    for (const [key, keysym] of this.#keys) {
      const event = Buffer.alloc(QEMU_KEY_LENGTH);
      event[0] = QEMU;
      event.writeUInt32BE(keysym, 4);
      event.writeUInt32BE(Math.max(key, 0), 8);
      parts.push(event);
    }
    if (this.#buttons !== 0) {
      const isExtended = this.#isExtended && mayExtend;
      const event = Buffer.alloc(isExtended ? POINTER_LENGTH + 1 : POINTER_LENGTH);
      event[0] = POINTER_EVENT;
      event[1] = isExtended ? MARKER : 0;
      event.writeUInt16BE(this.#x, 2);
      event.writeUInt16BE(this.#y, 4);
      parts.push(event);
    }
    this.#keysyms.clear();
    this.#keys.clear();
    this.#buttons = 0;
    return Buffer.concat(parts);
  }

  get #isFull(): boolean {
    return this.#keysyms.size + this.#keys.size >= MAX_KEYS;
  }
}
