const LONGEST_HEADER = 10;
const CLOSE = 8;

/**
 * Finds the payload in a stream of unmasked WebSocket frames (RFC 6455 section 5.2) and skips the
 * rest: control frames too, except that it throws on a close frame. It copies no payload.
 */
export class PayloadFinder {
  readonly #header = Buffer.alloc(LONGEST_HEADER);
  #headerBytes = 0;
  #payloadLeft = 0;
  #opcode = 0;

  push(bytes: Buffer, onPayload: (payload: Buffer) => void): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#payloadLeft === 0) {
        this.#header[this.#headerBytes++] = bytes[at++]!;
        if (this.#headerBytes === headerLength(this.#header, this.#headerBytes))
          this.#beginPayload();
        continue;
      }
      const end = Math.min(bytes.length, at + this.#payloadLeft);
      if (this.#opcode === CLOSE) throw closedBy(bytes.subarray(at, end));
      if (this.#opcode < CLOSE) onPayload(bytes.subarray(at, end));
      this.#payloadLeft -= end - at;
      at = end;
    }
  }

  #beginPayload(): void {
    this.#opcode = this.#header[0]! & 0x0f;
    this.#payloadLeft = payloadLength(this.#header);
    this.#headerBytes = 0;
  }
}

function closedBy(payload: Buffer): Error {
  const code = payload.length < 2 ? '' : payload.readUInt16BE();
  return new Error(`the relay closed the WebSocket: ${code} ${payload.subarray(2)}`);
}

/** The length of a header of which so many bytes are known. */
function headerLength(header: Buffer, known: number): number {
  if (known < 2) return 2;
  const short = header[1]! & 0x7f;
  return short === 127 ? 10 : short === 126 ? 4 : 2;
}

function payloadLength(header: Buffer): number {
  const short = header[1]! & 0x7f;
  if (short === 127) return Number(header.readBigUInt64BE(2));
  return short === 126 ? header.readUInt16BE(2) : short;
}
