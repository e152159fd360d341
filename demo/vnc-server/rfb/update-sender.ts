import type { Duplex } from 'node:stream';
import type { Desktop } from '../desktop/desktop.ts';
import { type Rect, union } from '../drawing/rect.ts';
import { CURSOR_SIZE, encodeCursor } from './encodings/cursor.ts';
import { ZlibStream } from './encodings/zlib-stream.ts';
import { encodeTiles } from './encodings/zrle.ts';
import { PendingChanges } from './pending-changes.ts';
import { NATIVE_FORMAT, type PixelFormat, PixelWriter } from './pixel-format.ts';

const ENCODING = {
  raw: 0,
  copyRect: 1,
  zrle: 16,
  desktopSize: -223,
  cursor: -239,
  desktopName: -307,
  extendedDesktopSize: -308,
} as const;

const PIXEL_ENCODINGS: readonly number[] = [ENCODING.raw, ENCODING.zrle];

/** Why an ExtendedDesktopSize is sent, and how the request for it went. */
interface SizeNews {
  readonly reason: number;
  readonly status: number;
}

const BY_SERVER = 0;
const BY_THIS_VIEWER = 1;
const BY_ANOTHER_VIEWER = 2;

/** Keeps one viewer's picture like the desktop's, with never more than one update on its way. */
export class UpdateSender {
  readonly #stream: Duplex;
  readonly #desktop: Desktop;
  readonly #pending: PendingChanges;
  #width: number;
  #height: number;
  #writer = new PixelWriter(NATIVE_FORMAT);
  #zlib: ZlibStream | null = null;
  #encodings: readonly number[] = [];
  #hasAsked = false;
  #requested: Rect | null = null;
  #cursorDue = false;
  #nameDue = false;
  readonly #sizesDue: SizeNews[] = [];
  #isResizing = false;
  #isScheduled = false;
  #isSending = false;

  constructor(stream: Duplex, desktop: Desktop) {
    this.#stream = stream;
    this.#desktop = desktop;
    this.#width = desktop.picture.width;
    this.#height = desktop.picture.height;
    this.#pending = new PendingChanges(desktop.picture.bounds);
    desktop.on('damage', this.#onDamage);
    desktop.on('copy', this.#onCopy);
    desktop.on('resize', this.#onResize);
    desktop.on('rename', this.#onRename);
  }

  close(): void {
    this.#desktop.off('damage', this.#onDamage);
    this.#desktop.off('copy', this.#onCopy);
    this.#desktop.off('resize', this.#onResize);
    this.#desktop.off('rename', this.#onRename);
    this.#zlib?.close();
  }

  setFormat(format: PixelFormat): void {
    this.#writer = new PixelWriter(format);
    this.#cursorDue = this.#accepts(ENCODING.cursor);
  }

  setEncodings(encodings: readonly number[]): void {
    const isNew = (encoding: number) => encodings.includes(encoding) && !this.#accepts(encoding);
    if (isNew(ENCODING.cursor)) this.#cursorDue = true;
    if (isNew(ENCODING.extendedDesktopSize)) this.#tellSize({ reason: BY_SERVER, status: 0 });
    this.#encodings = encodings;
    this.#schedule();
  }

  request(area: Rect, incremental: boolean): void {
    if (!incremental) this.#pending.addChange(area);
    this.#hasAsked = true;
    this.#requested = this.#requested ? union(this.#requested, area) : area;
    this.#schedule();
  }

  /** Resizes the desktop for this viewer, or tells it why not. */
  resize(status: number, width: number, height: number): void {
    if (!this.#accepts(ENCODING.extendedDesktopSize)) return;
    if (status === 0) {
      this.#isResizing = true;
      this.#desktop.resize(width, height);
      this.#isResizing = false;
    } else {
      this.#tellSize({ reason: BY_THIS_VIEWER, status });
    }
  }

  readonly #onDamage = (area: Rect): void => {
    this.#pending.addChange(area);
    this.#schedule();
  };

  readonly #onCopy = (area: Rect, dx: number, dy: number): void => {
    this.#pending.addCopy({ area, dx, dy });
    this.#schedule();
  };

  readonly #onRename = (): void => {
    this.#nameDue = this.#accepts(ENCODING.desktopName);
    this.#schedule();
  };

  readonly #onResize = (): void => {
    const { width, height } = this.#desktop.picture;
    if (this.#accepts(ENCODING.extendedDesktopSize) || this.#accepts(ENCODING.desktopSize)) {
      this.#width = width;
      this.#height = height;
      // What was asked for is of the old picture; the viewer asks again when it knows the new one.
      this.#requested = null;
      this.#tellSize({ reason: this.#isResizing ? BY_THIS_VIEWER : BY_ANOTHER_VIEWER, status: 0 });
    }
    // A viewer that cannot be told keeps its size, and sees what of the desktop falls into it.
    this.#pending.reset({
      x: 0,
      y: 0,
      width: Math.min(this.#width, width),
      height: Math.min(this.#height, height),
    });
    this.#schedule();
  };

  #tellSize(news: SizeNews): void {
    // Whoever asks faster than it reads gets the last answers only.
    if (this.#sizesDue.length >= 8) this.#sizesDue.shift();
    this.#sizesDue.push(news);
    this.#schedule();
  }

  #accepts(encoding: number): boolean {
    return this.#encodings.includes(encoding);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isSending) return;
    this.#isScheduled = true;
    // Changes come in groups: a window that moves is a copy and four edges.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#send().catch((error: Error) => this.#stream.destroy(error));
    });
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    while (this.#stream.writable) {
      const update = this.#sizeUpdate() ?? this.#pictureUpdate();
      if (!update) break;
      const bytes = await update;
      if (!this.#stream.writable) break;
      // The next one waits until this one has left.
      await new Promise<void>((resolve) => this.#stream.write(bytes, () => resolve()));
    }
    this.#isSending = false;
  }

  /** A new size goes ahead of the pixels, in an update of its own. */
  #sizeUpdate(): Buffer | null {
    const news = this.#hasAsked && this.#sizesDue.shift();
    if (!news) return null;
    const size = { width: this.#width, height: this.#height };
    if (!this.#accepts(ENCODING.extendedDesktopSize)) {
      return frameUpdate([rectangle({ x: 0, y: 0, ...size }, ENCODING.desktopSize)]);
    }
    const screens = Buffer.alloc(20);
    screens.writeUInt8(1, 0);
    screens.writeUInt16BE(size.width, 12);
    screens.writeUInt16BE(size.height, 14);
    const area = { x: news.reason, y: news.status, ...size };
    return frameUpdate([rectangle(area, ENCODING.extendedDesktopSize, screens)]);
  }

  #pictureUpdate(): Promise<Buffer> | null {
    if (!this.#requested) return null;
    const changes = this.#pending.take(this.#requested, this.#accepts(ENCODING.copyRect));
    if (!changes && !this.#cursorDue && !this.#nameDue) return null;
    this.#requested = null;
    const rectangles = [...this.#cursor(), ...this.#name()];
    if (changes?.copy) {
      const { area, dx, dy } = changes.copy;
      const source = Buffer.alloc(4);
      source.writeUInt16BE(area.x - dx, 0);
      source.writeUInt16BE(area.y - dy, 2);
      rectangles.push(rectangle(area, ENCODING.copyRect, source));
    }
    const encoded = this.#encode(changes?.changed ?? []);
    return encoded.then((areas) => frameUpdate([...rectangles, ...areas]));
  }

  async #encode(areas: Rect[]): Promise<Buffer[]> {
    const { picture } = this.#desktop;
    const writer = this.#writer;
    const preferred = this.#encodings.find((encoding) => PIXEL_ENCODINGS.includes(encoding));
    if (preferred !== ENCODING.zrle) {
      return areas.map((area) => rectangle(area, ENCODING.raw, writer.bytes(picture, area)));
    }
    // All pixels are read before the first wait: the picture goes on changing meanwhile.
    const tiles = areas.map((area) => ({ area, bytes: encodeTiles(picture, area, writer) }));
    this.#zlib ??= new ZlibStream();
    const rectangles: Buffer[] = [];
    for (const { area, bytes } of tiles) {
      rectangles.push(rectangle(area, ENCODING.zrle, await this.#zlib.compress(bytes)));
    }
    return rectangles;
  }

  #cursor(): Buffer[] {
    if (!this.#cursorDue) return [];
    this.#cursorDue = false;
    const area = { x: 0, y: 0, ...CURSOR_SIZE };
    return [rectangle(area, ENCODING.cursor, encodeCursor(this.#writer))];
  }

  #name(): Buffer[] {
    if (!this.#nameDue) return [];
    this.#nameDue = false;
    const name = Buffer.from(this.#desktop.name);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(name.length);
    const nowhere = { x: 0, y: 0, width: 0, height: 0 };
    return [rectangle(nowhere, ENCODING.desktopName, Buffer.concat([length, name]))];
  }
}

function frameUpdate(rectangles: Buffer[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(rectangles.length, 2);
  return Buffer.concat([head, ...rectangles]);
}

function rectangle(area: Rect, encoding: number, content: Uint8Array = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(area.x, 0);
  head.writeUInt16BE(area.y, 2);
  head.writeUInt16BE(area.width, 4);
  head.writeUInt16BE(area.height, 6);
  head.writeInt32BE(encoding, 8);
  return Buffer.concat([head, content]);
}
