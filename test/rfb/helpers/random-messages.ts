import * as says from './browser-says.ts';
import { NOVNC_ENCODINGS, setEncodings } from './browser-says.ts';
import type { Random } from './random.ts';

/** A message with contents that look like the beginnings of others. */
export function randomMessage(random: Random): Buffer {
  const data = () => random.bytes(random.below(40));
  switch (random.below(12)) {
    case 0:
      return says.setPixelFormat();
    case 1:
      return setEncodings(
        ...Array.from({ length: random.below(8) }, () => random.pick(NOVNC_ENCODINGS)),
      );
    case 2:
      return withNoise(says.updateRequest, 1, random);
    case 3:
      return withNoise(says.key(0, true), 1, random);
    case 4:
      return says.pointer(random.below(128), random.below(65_536), random.below(65_536));
    case 5:
      return says.longPointer(random.below(512), random.below(65_536), random.below(65_536));
    case 6:
      return says.cutText(data());
    case 7:
      return says.extendedCutText(data());
    case 8:
      return withNoise(says.continuousUpdates, 1, random);
    case 9:
      return says.fence(data());
    case 10:
      return random.below(2) === 0
        ? withNoise(says.xvp, 1, random)
        : says.setDesktopSize(random.below(4));
    default:
      return withNoise(says.qemuKey(0, 0, true), 2, random);
  }
}

function withNoise(message: Buffer, from: number, random: Random): Buffer {
  return Buffer.concat([message.subarray(0, from), random.bytes(message.length - from)]);
}

/** Some of them in a row. */
export function randomSequence(random: Random): Buffer {
  return Buffer.concat(Array.from({ length: 1 + random.below(8) }, () => randomMessage(random)));
}

/** Bytes in pieces of random lengths. */
export function cut(bytes: Buffer, random: Random): Buffer[] {
  const chunks: Buffer[] = [];
  const longest = random.pick([2, 9, 40, 1_000]);
  for (let at = 0; at < bytes.length; ) {
    const next = at + 1 + random.below(longest);
    chunks.push(bytes.subarray(at, next));
    at = next;
  }
  return chunks;
}
