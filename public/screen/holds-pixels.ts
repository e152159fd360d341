// The one encoding of pixels that is numbered as what holds none: cursors, sizes, names.
const TIGHT_PNG = -260;

/** VMware's begin here (rfbproto, "Encodings"): of all above zero, its cursor alone holds none. */
const VMWARE = 0x574d_5600;

/** Says if rectangles of an encoding hold pixels, and not a cursor, a name or a size. */
export function holdsPixels(encoding: number): boolean {
  return encoding === TIGHT_PNG || (encoding >= 0 && encoding < VMWARE);
}
