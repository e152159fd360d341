/** Length of a ProtocolVersion message, `RFB xxx.yyy\n` (RFC 6143 section 7.1.1), in bytes. */
export const BANNER_LENGTH = 12;

const PATTERN = 'RFB ddd.ddd\n';

/**
 * Says if bytes are, or can still become, what a VNC server says first. False means: this is no VNC
 * server, and nothing may be said to it.
 */
export function isBanner(bytes: Uint8Array): boolean {
  return bytes.subarray(0, BANNER_LENGTH).every((byte, at) => {
    const expected = PATTERN.charCodeAt(at);
    return expected === 0x64 /* d */ ? byte >= 0x30 && byte <= 0x39 : byte === expected;
  });
}
