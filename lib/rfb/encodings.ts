import { mayCopy, mayPaste, mayResize, type Rights } from './rights.ts';

/** Encodings of pixels (RFC 6143 section 7.7, and rfbproto). */
export const RAW = 0;
export const COPY_RECT = 1;
export const RRE = 2;
export const CO_RRE = 4;
export const HEXTILE = 5;
export const ZLIB = 6;
export const TIGHT = 7;
export const ZRLE = 16;
export const JPEG = 21;
export const H264 = 50;
export const TIGHT_PNG = -260;

/** Pseudo-encodings that come as rectangles (RFC 6143 section 7.8, and rfbproto). */
export const DESKTOP_SIZE = -223;
export const LAST_RECT = -224;
export const POINTER_POSITION = -232;
export const CURSOR = -239;
export const X_CURSOR = -240;
export const QEMU_POINTER_MOTION = -257;
export const QEMU_KEYS = -258;
export const QEMU_LED = -261;
export const DESKTOP_NAME = -307;
export const EXTENDED_DESKTOP_SIZE = -308;
export const EXTENDED_MOUSE = -316;
export const VMWARE_CURSOR = 0x574d5664;
export const VMWARE_LED = 0x574d5668;

/** Pseudo-encodings that messages of their own answer (rfbproto). */
export const XVP = -309;
const FENCE = -312;
const CONTINUOUS_UPDATES = -313;
export const EXTENDED_CLIPBOARD = 0xc0a1e5ce | 0;

/** Beyond hints, all that a browser may ask a server for: what `ServerMessages` can follow. */
const FOLLOWED: ReadonlySet<number> = new Set([
  ...[RAW, COPY_RECT, RRE, CO_RRE, HEXTILE, ZLIB, TIGHT, ZRLE, JPEG, H264, TIGHT_PNG],
  ...[DESKTOP_SIZE, LAST_RECT, POINTER_POSITION, CURSOR, X_CURSOR, QEMU_POINTER_MOTION, QEMU_KEYS],
  ...[QEMU_LED, DESKTOP_NAME, EXTENDED_DESKTOP_SIZE, EXTENDED_MOUSE, VMWARE_CURSOR, VMWARE_LED],
  ...[XVP, FENCE, CONTINUOUS_UPDATES, EXTENDED_CLIPBOARD],
]);

/** Says if a browser with these rights may ask for an encoding, so that it can never be agreed. */
export function mayAsk(encoding: number, rights: Rights): boolean {
  switch (encoding) {
    case EXTENDED_MOUSE:
    case QEMU_KEYS:
      return !rights.viewOnly;
    case XVP:
      return rights.power && !rights.viewOnly;
    case EXTENDED_DESKTOP_SIZE:
      return mayResize(rights);
    // Which way its messages go is said in them, so it is all or nothing.
    case EXTENDED_CLIPBOARD:
      return mayPaste(rights) && mayCopy(rights);
    default:
      return FOLLOWED.has(encoding) || isHint(encoding);
  }
}

/** Quality and compression levels of Tight, the finer ones of TurboVNC included; no bytes answer. */
function isHint(encoding: number): boolean {
  return (
    (encoding >= -32 && encoding <= -23) ||
    (encoding >= -256 && encoding <= -247) ||
    (encoding >= -512 && encoding <= -412) ||
    (encoding >= -768 && encoding <= -763)
  );
}
