import { Body, lost } from './framed.ts';

const MARKER = 0xff;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

type Awaited = 'marker' | 'length' | 'scan' | 'scan-marker';

/**
 * JPEG (rfbproto, JPEG Encoding): an image and nothing else, so its end is found by its markers
 * (ITU T.81 annex B): `ff`, a type, and but for a few types a length with what that covers. Behind a
 * scan's header stands what was compressed, in which `ff` is followed by 0 or the number of a restart.
 */
export class JpegBody extends Body {
  #awaited: Awaited = 'marker';
  #type = 0;

  begin(): void {
    this.#await('marker', 0, 2);
  }

  next(bytes: Buffer, at: number): void {
    const byte = bytes[at]!;
    switch (this.#awaited) {
      case 'marker':
        if (byte !== MARKER) throw lost(`a JPEG rectangle with ${byte} for a marker`);
        this.#onMarker(bytes[at + 1]!);
        return;
      case 'length':
        this.#onLength(bytes.readUInt16BE(at));
        return;
      case 'scan':
        this.#await(byte === MARKER ? 'scan-marker' : 'scan', 0, 1);
        return;
      case 'scan-marker':
        if (byte === 0 || isRestart(byte)) this.#await('scan', 0, 1);
        else this.#onMarker(byte);
        return;
    }
  }

  #onMarker(type: number): void {
    this.#type = type;
    if (type === 0 || type === MARKER) throw lost(`a JPEG rectangle with a marker ${type}`);
    if (type === END_OF_IMAGE) this.ask(0, 0);
    else if (type === 0x01 || type === 0xd8 || isRestart(type)) this.#await('marker', 0, 2);
    else this.#await('length', 0, 2);
  }

  #onLength(length: number): void {
    if (length < 2) throw lost(`a JPEG rectangle with a part of ${length} bytes`);
    if (this.#type === START_OF_SCAN) this.#await('scan', length - 2, 1);
    else this.#await('marker', length - 2, 2);
  }

  #await(awaited: Awaited, skip: number, need: number): void {
    this.#awaited = awaited;
    this.ask(skip, need);
  }
}

function isRestart(type: number): boolean {
  return type >= 0xd0 && type <= 0xd7;
}
