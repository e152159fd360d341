import { ConsoleError } from '../../errors.ts';
import { MARKER } from './held-input.ts';

export const SET_PIXEL_FORMAT = 0;
export const SET_ENCODINGS = 2;
export const FRAMEBUFFER_UPDATE_REQUEST = 3;
export const KEY_EVENT = 4;
export const POINTER_EVENT = 5;
export const CLIENT_CUT_TEXT = 6;
export const ENABLE_CONTINUOUS_UPDATES = 150;
export const FENCE = 248;
export const XVP = 250;
export const SET_DESKTOP_SIZE = 251;
const QEMU = 255;

/** A viewer knows some dozens; more than that is not worth being held. */
const MAX_ENCODINGS = 512;

/**
 * Says how many bytes of a browser's message there must be before it is looked at: all of a short
 * one, the head of a long one. Of what tells that, one byte at least is there; it may say less while
 * it has not seen enough. All there is, by type (RFC 6143 section 7.5, and rfbproto):
 *
 * | type | | bytes | after them |
 * |---|---|---|---|
 * | 0 | SetPixelFormat | 20 | |
 * | 2 | SetEncodings | 4 + 4 each | |
 * | 3 | FramebufferUpdateRequest | 10 | |
 * | 4 | KeyEvent | 8 | |
 * | 5 | PointerEvent | 6, or 7 | |
 * | 6 | ClientCutText | 8 | its text |
 * | 150 | EnableContinuousUpdates | 10 | |
 * | 248 | Fence | 9 | its payload |
 * | 250 | xvp | 4 | |
 * | 251 | SetDesktopSize | 8 | 16 each |
 * | 255 | QEMU's, of which 0 is a key | 12 | |
 */
export function sizeToHave(bytes: Buffer, at: number, end: number): number {
  switch (bytes[at]) {
    case SET_PIXEL_FORMAT:
      return 20;
    case SET_ENCODINGS: {
      if (end - at < 4) return 4;
      const count = bytes.readUInt16BE(at + 2);
      if (count > MAX_ENCODINGS) throw breach(`SetEncodings with ${count} of them`);
      return 4 + 4 * count;
    }
    case FRAMEBUFFER_UPDATE_REQUEST:
    case ENABLE_CONTINUOUS_UPDATES:
      return 10;
    case KEY_EVENT:
    case CLIENT_CUT_TEXT:
    case SET_DESKTOP_SIZE:
      return 8;
    case POINTER_EVENT:
      return end - at >= 2 && (bytes[at + 1]! & MARKER) !== 0 ? 7 : 6;
    case FENCE:
      return 9;
    case XVP:
      return 4;
    case QEMU:
      if (end - at >= 2 && bytes[at + 1] !== 0) {
        throw breach(`a message of QEMU's of type ${bytes[at + 1]}`);
      }
      return 12;
    default:
      throw breach(`a message of type ${bytes[at]}`);
  }
}

/** The error of a browser that sent what it may not, or what has no known length. */
export function breach(detail: string): ConsoleError {
  return new ConsoleError('BROWSER_PROTOCOL', `the browser sent ${detail}`);
}
