import { EXTENDED_DESKTOP_SIZE, EXTENDED_MOUSE, LAST_RECT, QEMU_KEYS } from '../encodings.ts';
import type { PixelSize } from '../pixel-format.ts';
import { type Body, Framed, lost } from './framed.ts';
import { makeBodies, SHAPES, type Shape } from './rectangle-shapes.ts';

/** What a rectangle of a pseudo-encoding says of a server. */
export interface AgreedByRectangle {
  extendedMouse: boolean;
  qemuKeys: boolean;
  desktopSize: boolean;
}

const RECTANGLE_LENGTH = 12;

type Awaited = 'rectangle' | 'shape' | 'body';

/**
 * The rectangles of a FramebufferUpdate (RFC 6143 section 7.6.1), each with its body behind
 *
 * | at | bytes | |
 * |---|---|---|
 * | 0 | 4 | x, y |
 * | 4 | 4 | width, height |
 * | 8 | 4 | encoding |
 */
export class UpdateBody extends Framed {
  readonly #agreed: AgreedByRectangle;
  readonly #bodies = makeBodies();
  /** Still to come, the one that is being read among them. */
  #rectangles = 0;
  #pixel: PixelSize = { bytes: 0, tight: 0 };
  readonly #area = { width: 0, height: 0 };
  #awaited: Awaited = 'rectangle';
  #shape: Shape | undefined;
  #body: Body | undefined;

  constructor(agreed: AgreedByRectangle) {
    super();
    this.#agreed = agreed;
  }

  begin(rectangles: number, pixel: PixelSize): void {
    if (pixel.bytes === 0) throw lost('pixels of an unknown length');
    this.#pixel = pixel;
    this.#rectangles = rectangles;
    this.#await('rectangle', 0, rectangles > 0 ? RECTANGLE_LENGTH : 0);
  }

  next(bytes: Buffer, at: number): void {
    switch (this.#awaited) {
      case 'rectangle':
        this.#onRectangle(bytes, at);
        return;
      case 'shape':
        this.#end(this.#shape!.rest(this.#area, this.#pixel, bytes, at));
        return;
      case 'body':
        this.#body!.next(bytes, at);
        this.#followBody(this.#body!);
        return;
    }
  }

  #onRectangle(bytes: Buffer, at: number): void {
    const encoding = bytes.readInt32BE(at + 8);
    this.#area.width = bytes.readUInt16BE(at + 4);
    this.#area.height = bytes.readUInt16BE(at + 6);
    this.#agree(encoding);
    if (encoding === LAST_RECT) {
      this.ask(0, 0);
      return;
    }
    const shape = SHAPES.get(encoding);
    if (shape) {
      this.#shape = shape;
      if (shape.head > 0) this.#await('shape', 0, shape.head);
      else this.#end(shape.rest(this.#area, this.#pixel, bytes, at));
      return;
    }
    const body = this.#bodies.get(encoding);
    if (!body) throw lost(`a rectangle of encoding ${encoding}`);
    this.#body = body;
    body.begin(this.#area, this.#pixel);
    this.#followBody(body);
  }

  #agree(encoding: number): void {
    if (encoding === EXTENDED_MOUSE) this.#agreed.extendedMouse = true;
    else if (encoding === QEMU_KEYS) this.#agreed.qemuKeys = true;
    else if (encoding === EXTENDED_DESKTOP_SIZE) this.#agreed.desktopSize = true;
  }

  #followBody({ skip, need }: Body): void {
    if (need > 0) this.#await('body', skip, need);
    else this.#end(skip);
  }

  /** Of a rectangle: all that is left of it may be passed by. */
  #end(skip: number): void {
    this.#await('rectangle', skip, --this.#rectangles > 0 ? RECTANGLE_LENGTH : 0);
  }

  #await(awaited: Awaited, skip: number, need: number): void {
    this.#awaited = awaited;
    this.ask(skip, need);
  }
}
