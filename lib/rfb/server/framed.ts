import { ConsoleError } from '../../errors.ts';
import type { PixelSize } from '../pixel-format.ts';

/**
 * Bytes whose length is only known bit by bit. It tells, from its beginning and from each `next` on,
 * how many bytes need not be looked at, and how many after those are to be shown to `next`; none:
 * then that is all.
 */
export abstract class Framed {
  skip = 0;
  need = 0;

  abstract next(bytes: Buffer, at: number): void;

  protected ask(skip: number, need: number): void {
    this.skip = skip;
    this.need = need;
  }
}

/** The size of a rectangle. */
export interface Area {
  readonly width: number;
  readonly height: number;
}

/** The body of a rectangle. */
export abstract class Body extends Framed {
  abstract begin(area: Area, pixel: PixelSize): void;
}

/** The error of a server whose bytes cannot be followed any more. */
export function lost(detail: string): ConsoleError {
  return new ConsoleError('SERVER_PROTOCOL', `the VNC server sent ${detail}`);
}
