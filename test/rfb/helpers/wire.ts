import { setImmediate as turn } from 'node:timers/promises';
import type { ConsoleError } from '../../../lib/errors.ts';
import { FieldReader } from '../../../lib/rfb/login/field-reader.ts';
import type { ServerPeer, TlsMode } from '../../../lib/rfb/login/peer.ts';

/** How bytes arrive: as they were sent, one by one, or cut in two somewhere in all of them. */
export type Delivery = 'whole' | 'drip' | number;

/** One side of a handshake, as the code under test sees it; the test is the other side. */
export class Wire implements ServerPeer {
  readonly reader = new FieldReader();
  /** What was said to the other side: bytes, and the TLS that was begun between them. */
  readonly said: (Buffer | TlsMode)[] = [];
  /** Called for each of those; a rejection is one of `startTls`. */
  onSaid: (what: Buffer | TlsMode) => void | Promise<void> = () => {};

  read(size: number): Promise<Buffer> {
    return this.reader.read(size);
  }

  write(bytes: Uint8Array): void {
    const copy = Buffer.from(bytes);
    this.said.push(copy);
    void this.onSaid(copy);
  }

  async startTls(mode: TlsMode): Promise<void> {
    if (this.reader.buffered > 0) throw new Error('the server spoke before TLS');
    this.said.push(mode);
    await this.onSaid(mode);
  }

  /** All bytes that were said, with no borders. */
  get bytes(): Buffer {
    return Buffer.concat(this.said.filter((each) => typeof each !== 'string'));
  }

  get tls(): TlsMode | undefined {
    return this.said.find((each) => typeof each === 'string');
  }
}

/** Speaks parts to a wire: the first at once, each of the others when TLS is begun. */
export function speak(
  wire: Wire,
  parts: readonly Buffer[],
  delivery: Delivery = 'whole',
): { readonly done: Promise<void> } {
  const rest = [...parts];
  let past = 0;
  let done = Promise.resolve();
  const next = () => {
    const part = rest.shift();
    if (!part) return;
    const begin = past;
    past += part.length;
    done = done.then(() => deliver(wire.reader, part, delivery, begin));
  };
  wire.onSaid = (what) => {
    if (typeof what === 'string') next();
  };
  next();
  return {
    get done() {
      return done;
    },
  };
}

async function deliver(
  reader: FieldReader,
  bytes: Buffer,
  delivery: Delivery,
  begin: number,
): Promise<void> {
  if (delivery === 'whole') return reader.push(bytes);
  if (typeof delivery === 'number') {
    const cut = Math.max(0, Math.min(bytes.length, delivery - begin));
    reader.push(bytes.subarray(0, cut));
    await turn();
    reader.push(bytes.subarray(cut));
    return;
  }
  for (let at = 0; at < bytes.length; at++) {
    reader.push(bytes.subarray(at, at + 1));
    await turn();
  }
}

/** How a promise stands after some turns of the loop. */
export async function standing(promise: Promise<unknown>): Promise<unknown> {
  let result: unknown = 'pending';
  promise.then(
    () => {
      result = 'done';
    },
    (error: unknown) => {
      result = error;
    },
  );
  for (let turns = 0; turns < 3; turns++) await turn();
  return result;
}

/** The error that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<ConsoleError> {
  try {
    await promise;
  } catch (error) {
    return error as ConsoleError;
  }
  throw new Error('it did not fail');
}
