import { EXTENDED_CLIPBOARD, EXTENDED_MOUSE, mayAsk } from '../encodings.ts';
import type { Rights } from '../rights.ts';

/** Of SetEncodings before its list: type, padding, number (RFC 6143 section 7.5.2), in bytes. */
const HEAD_LENGTH = 4;

/** The encodings that a browser asks a server for, and those of them that it may have. */
export class AskedEncodings {
  /** SetEncodings as the browser sent it, and as it went on. */
  #asked: Buffer | null = null;
  #sent: Buffer | null = null;
  #hasMouse = false;
  #hasClipboard = false;

  /** The server has been asked, last, for extended PointerEvents. */
  get hasMouse(): boolean {
    return this.#hasMouse;
  }

  /** The server has been asked, last, for the extended clipboard. */
  get hasClipboard(): boolean {
    return this.#hasClipboard;
  }

  /** Takes a SetEncodings of so many bytes and leaves out of it what may not be; returns its length. */
  edit(bytes: Buffer, at: number, length: number, rights: Rights): number {
    this.#asked = Buffer.from(bytes.subarray(at, at + length));
    this.#sent = this.#allowed(this.#asked, rights);
    this.#sent.copy(bytes, at);
    return this.#sent.length;
  }

  /** The SetEncodings that makes the server know of other rights; empty if nothing changes. */
  editAnew(rights: Rights): Buffer {
    if (!this.#asked || !this.#sent) return Buffer.alloc(0);
    const before = this.#sent;
    this.#sent = this.#allowed(this.#asked, rights);
    return this.#sent.equals(before) ? Buffer.alloc(0) : Buffer.from(this.#sent);
  }

  #allowed(asked: Buffer, rights: Rights): Buffer {
    const allowed = Buffer.from(asked);
    this.#hasMouse = this.#hasClipboard = false;
    let end = HEAD_LENGTH;
    for (let at = HEAD_LENGTH; at < asked.length; at += 4) {
      const encoding = asked.readInt32BE(at);
      if (!mayAsk(encoding, rights)) continue;
      end = allowed.writeInt32BE(encoding, end);
      if (encoding === EXTENDED_MOUSE) this.#hasMouse = true;
      else if (encoding === EXTENDED_CLIPBOARD) this.#hasClipboard = true;
    }
    allowed.writeUInt16BE((end - HEAD_LENGTH) / 4, 2);
    return allowed.subarray(0, end);
  }
}
