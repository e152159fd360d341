import type { Socket } from 'node:net';
import type { Desktop } from '../desktop/desktop.ts';
import { Seat } from '../desktop/seat.ts';
import { FieldReader } from './field-reader.ts';
import { letIn } from './handshake.ts';
import { formatBytes, NATIVE_FORMAT, parseFormat } from './pixel-format.ts';
import { UpdateSender } from './update-sender.ts';

const MAX_CUT_TEXT = 1024 * 1024;
const MAX_ENCODINGS = 1024;
const MIN_SIDE = 200;
const MAX_SIDE = 3840;
const INVALID_LAYOUT = 3;

// The pseudo-encoding and the message of the XVP extension.
const XVP = -309;
const XVP_MESSAGE = 250;
const XVP_VERSION = 1;
const XVP_FAIL = 0;
const XVP_INIT = 1;
const POWER = { 2: 'shutdown', 3: 'reboot', 4: 'reset' } as const;

const FAREWELL_TIMEOUT = 1_000;

/** What a viewer can do to the machine. */
export type PowerAction = (typeof POWER)[keyof typeof POWER];

/** What a viewer tells of what it receives. */
export interface ViewerHooks {
  onInit(viewer: Viewer, shared: boolean): void;
  onKey(viewer: Viewer, keysym: number, down: boolean): void;
  onPointer(viewer: Viewer, x: number, y: number, buttons: number): void;
  onCutText(viewer: Viewer, text: string): void;
  onPower(viewer: Viewer, action: PowerAction): void;
}

/** One connected viewer. */
export class Viewer {
  readonly id: number;
  readonly #socket: Socket;
  readonly #reader: FieldReader;
  readonly #desktop: Desktop;
  readonly #hooks: ViewerHooks;
  readonly #closed: Promise<void>;
  #reason: string | null = null;
  #knowsPower = false;

  constructor(id: number, socket: Socket, desktop: Desktop, hooks: ViewerHooks) {
    this.id = id;
    this.#socket = socket;
    // The reader and the end of the session tell of errors; this one keeps the process alive.
    socket.on('error', () => {});
    this.#closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.setNoDelay(true);
    this.#reader = new FieldReader(socket);
    this.#desktop = desktop;
    this.#hooks = hooks;
  }

  /** Serves the viewer to its end, and tells why it ended. Never rejects. */
  async serve(password: string | undefined): Promise<string> {
    try {
      await letIn(this.#socket, this.#reader, password);
      const shared = (await this.#reader.readUint8()) !== 0;
      this.#sendServerInit();
      this.#hooks.onInit(this, shared);
      await this.#serveDesktop();
    } catch (error) {
      this.hangUp((error as Error).message);
    }
    await this.#closed;
    return this.#reason ?? 'the viewer left';
  }

  ringBell(): void {
    this.#send(Buffer.of(2));
  }

  sendCutText(text: string): void {
    const bytes = Buffer.alloc(8 + text.length);
    bytes.writeUInt8(3, 0);
    bytes.writeUInt32BE(text.length, 4);
    bytes.write(text.replace(/[^\0-\xff]/g, '?'), 8, 'latin1');
    this.#send(bytes);
  }

  /** Ends the session once everything that is on its way has left. */
  hangUp(reason: string): void {
    if (this.#reason !== null) return;
    this.#reason = reason;
    this.#socket.end();
    // What still comes in is of no use, but unread it would turn the end into a reset.
    this.#socket.removeAllListeners('readable');
    this.#socket.resume();
    const timer = setTimeout(() => this.#socket.destroy(), FAREWELL_TIMEOUT);
    void this.#closed.then(() => clearTimeout(timer));
  }

  async #serveDesktop(): Promise<void> {
    const updates = new UpdateSender(this.#socket, this.#desktop);
    const seat = new Seat(this.#desktop, () => this.hangUp('the viewer typed exit'));
    try {
      while (!this.#reason) await this.#serveMessage(updates, seat);
    } finally {
      updates.close();
    }
  }

  async #serveMessage(updates: UpdateSender, seat: Seat): Promise<void> {
    const type = await this.#reader.readUint8();
    switch (type) {
      case 0: // SetPixelFormat
        return updates.setFormat(parseFormat((await this.#reader.read(19)).subarray(3)));
      case 2:
        return this.#onSetEncodings(updates);
      case 3:
        return this.#onUpdateRequest(updates);
      case 4:
        return this.#onKeyEvent(seat);
      case 5:
        return this.#onPointerEvent(seat);
      case 6:
        return this.#onCutText();
      case XVP_MESSAGE:
        return this.#onPower();
      case 251:
        return this.#onSetDesktopSize(updates);
      default:
        throw new Error(`the viewer sent a message of unknown type ${type}`);
    }
  }

  async #onSetEncodings(updates: UpdateSender): Promise<void> {
    const count = (await this.#reader.read(3)).readUInt16BE(1);
    if (count > MAX_ENCODINGS) throw new Error(`the viewer offered ${count} encodings`);
    const bytes = await this.#reader.read(4 * count);
    const encodings = Array.from({ length: count }, (_, i) => bytes.readInt32BE(4 * i));
    updates.setEncodings(encodings);
    if (this.#knowsPower || !encodings.includes(XVP)) return;
    this.#knowsPower = true;
    this.#send(Buffer.of(XVP_MESSAGE, 0, XVP_VERSION, XVP_INIT));
  }

  async #onUpdateRequest(updates: UpdateSender): Promise<void> {
    const bytes = await this.#reader.read(9);
    const area = {
      x: bytes.readUInt16BE(1),
      y: bytes.readUInt16BE(3),
      width: bytes.readUInt16BE(5),
      height: bytes.readUInt16BE(7),
    };
    updates.request(area, bytes.readUInt8(0) !== 0);
  }

  async #onKeyEvent(seat: Seat): Promise<void> {
    const bytes = await this.#reader.read(7);
    const down = bytes.readUInt8(0) !== 0;
    const keysym = bytes.readUInt32BE(3);
    this.#hooks.onKey(this, keysym, down);
    seat.onKey(keysym, down);
  }

  async #onPointerEvent(seat: Seat): Promise<void> {
    const bytes = await this.#reader.read(5);
    const buttons = bytes.readUInt8(0);
    const x = bytes.readUInt16BE(1);
    const y = bytes.readUInt16BE(3);
    this.#hooks.onPointer(this, x, y, buttons);
    seat.onPointer(x, y, buttons);
  }

  async #onCutText(): Promise<void> {
    const length = (await this.#reader.read(7)).readUInt32BE(3);
    if (length > MAX_CUT_TEXT) throw new Error(`the viewer sent a cut text of ${length} bytes`);
    const text = (await this.#reader.read(length)).toString('latin1');
    this.#hooks.onCutText(this, text);
    this.#desktop.paste(text);
  }

  async #onPower(): Promise<void> {
    const bytes = await this.#reader.read(3);
    const action = Object.entries(POWER).find(([code]) => Number(code) === bytes.readUInt8(2))?.[1];
    if (bytes.readUInt8(1) === XVP_VERSION && action) this.#hooks.onPower(this, action);
    else this.#send(Buffer.of(XVP_MESSAGE, 0, XVP_VERSION, XVP_FAIL));
  }

  async #onSetDesktopSize(updates: UpdateSender): Promise<void> {
    const bytes = await this.#reader.read(7);
    const [width, height] = [bytes.readUInt16BE(1), bytes.readUInt16BE(3)];
    const screens = bytes.readUInt8(5);
    await this.#reader.read(16 * screens);
    const isServed = (side: number) => side >= MIN_SIDE && side <= MAX_SIDE;
    const isValid = screens === 1 && isServed(width) && isServed(height);
    updates.resize(isValid ? 0 : INVALID_LAYOUT, width, height);
  }

  #sendServerInit(): void {
    const { name, picture } = this.#desktop;
    const title = Buffer.from(name);
    const size = Buffer.alloc(4);
    size.writeUInt16BE(picture.width, 0);
    size.writeUInt16BE(picture.height, 2);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(title.length);
    this.#send(Buffer.concat([size, formatBytes(NATIVE_FORMAT), length, title]));
  }

  #send(bytes: Buffer): void {
    // A viewer that does not read is not sent bells and texts without end.
    if (this.#socket.writable && !this.#socket.writableNeedDrain) this.#socket.write(bytes);
  }
}
