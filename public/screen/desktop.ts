import RFB from '@novnc/novnc';
import { probeH264 } from '@novnc/novnc/core/util/browser.js';
import type { Channel } from '../connection/channel.ts';
import { DesktopEcho } from './desktop-echo.ts';
import { H264, h264 } from './h264.ts';
import { holdsPixels } from './holds-pixels.ts';
import { QuickTightDecoder } from './tight.ts';

/** What a Desktop tells beyond noVNC's own events. */
export interface DesktopWatch {
  onStage(stage: 'securing' | 'signing-in'): void;
  onFailure(details: string): void;
  /** The first update that has pixels is drawn. */
  onPicture(): void;
}

/** Counts what a desktop draws. */
export interface Meter {
  onPixels(encoding: number, width: number, height: number): void;
  onFrame(): void;
}

const SECURITY_NONE = 1;
const TIGHT = 7;
const XVP_FAIL = 0;

/** How long after the first picture it is asked for H.264, which takes the processor, in milliseconds. */
const H264_DELAY = 300;

const { clientEncodings } = RFB.messages;
RFB.messages.clientEncodings = (socket, encodings) =>
  clientEncodings(socket, h264.filter(encodings));

/** A remote screen that fits its place, that is never blown up, and that says why it failed. */
export class Desktop extends DesktopEcho {
  // Not an initialised field: noVNC's constructor already calls the methods below.
  declare private watch?: DesktopWatch;
  declare private hasPicture?: boolean;
  declare private hasPixels?: boolean;
  /** How many updates are drawn completely. */
  declare updates?: number;
  /** How many rectangles of each encoding have come. */
  declare rects?: Map<number, number>;
  /** Counts, while somebody wants to know. */
  declare meter?: Meter | undefined;
  declare traffic: Channel['traffic'];

  static open(
    place: HTMLElement,
    channel: Channel,
    watch: DesktopWatch,
    options: { shared: boolean },
  ): Desktop {
    const desktop = new Desktop(place, channel, options);
    desktop._decoders[TIGHT] = new QuickTightDecoder();
    desktop.watch = watch;
    desktop.traffic = channel.traffic;
    desktop.background = 'transparent';
    desktop._screen.style.overflow = 'hidden';
    desktop.scaleViewport = true;
    return desktop;
  }

  /** Takes away what the last desktop left, which stays until this one shows. */
  show(): void {
    for (const old of [...this._target.children]) if (old !== this._screen) old.remove();
  }

  /** The size of the remote screen, in its own pixels. */
  get size(): { width: number; height: number } {
    return { width: this._fbWidth, height: this._fbHeight };
  }

  /** How many of the page's pixels one of the remote screen takes. */
  get scale(): number {
    return this._display.scale;
  }

  /** Something waits to be drawn, as for a picture to be decoded. */
  get isDrawing(): boolean {
    return this._display.pending();
  }

  /** What was agreed on, for those who look for a fault. */
  get protocol(): string | null {
    if (this._rfbAuthScheme < 0) return null;
    return `RFB ${this._rfbVersion}, security type ${this._rfbAuthScheme}`;
  }

  /** Leaves H.264 out from now on, if it may be what failed; says if it may. */
  spareH264(): boolean {
    const isUsed = this.rects?.has(H264) || this._FBU.encoding === H264;
    if (isUsed) h264.fail();
    return isUsed;
  }

  protected override _handleRect(): boolean {
    const isWhole = super._handleRect();
    if (isWhole) {
      const { encoding, width, height } = this._FBU;
      this.rects ??= new Map();
      this.rects.set(encoding, (this.rects.get(encoding) ?? 0) + 1);
      if (holdsPixels(encoding)) {
        this.hasPixels = true;
        this.meter?.onPixels(encoding, width, height);
      }
    }
    return isWhole;
  }

  protected override _initMsg(): boolean | undefined {
    const before = this._rfbInitState;
    const more = super._initMsg();
    if (this._rfbInitState === 'Security') this.watch?.onStage('securing');
    if (this._rfbInitState === 'Authentication' && this._rfbAuthScheme !== SECURITY_NONE) {
      this.watch?.onStage('signing-in');
    }
    // noVNC waits to be answered, and a server that refuses has said all at once.
    return more || (before === 'ProtocolVersion' && this._rfbInitState === 'Security');
  }

  protected override _negotiateServerInit(): boolean {
    const isWhole = super._negotiateServerInit();
    // TigerVNC answers the first request with sizes and names alone, and has pixels for the second.
    if (isWhole) {
      RFB.messages.fbUpdateRequest(this._sock, true, 0, 0, this._fbWidth, this._fbHeight);
    }
    return isWhole;
  }

  protected override _framebufferUpdate(): boolean {
    const isWhole = super._framebufferUpdate();
    if (isWhole) {
      this.updates = (this.updates ?? 0) + 1;
      this.meter?.onFrame();
    }
    if (isWhole && this.hasPixels && !this.hasPicture) {
      this.hasPicture = true;
      this.watch?.onPicture();
      setTimeout(() => void this.offerH264(), H264_DELAY);
    }
    return isWhole;
  }

  /** Sends the list of encodings anew if H.264 can be in it, which takes long to find out. */
  private async offerH264(): Promise<void> {
    const canDecode = await probeH264();
    if (canDecode && !h264.hasFailed && this._rfbConnectionState === 'connected')
      this._sendEncodings();
  }

  protected override _handleXvpMsg(): boolean {
    if (this._sock.rQwait('an answer of XVP', 3, 1)) return false;
    // noVNC tells the developer's console alone.
    const hasFailed = this._sock.rQpeekBytes(3)[2] === XVP_FAIL;
    if (hasFailed) this.dispatchEvent(new CustomEvent('powerfailed'));
    return super._handleXvpMsg();
  }

  protected override _handleMessage(): void {
    try {
      super._handleMessage();
    } catch (error) {
      // noVNC would stand still for ever, and say so to the developer's console only.
      this._fail(error instanceof Error ? error.message : String(error));
    }
  }

  protected override _fail(details: string): false {
    this.watch?.onFailure(details);
    return super._fail(details);
  }

  protected override _resize(width: number, height: number): void {
    // noVNC scales to its place without limit: the place may not outgrow the remote screen (CSS).
    this._target.style.setProperty('--screen-width', String(width));
    this._target.style.setProperty('--screen-height', String(height));
    super._resize(width, height);
    this.dispatchEvent(new CustomEvent('resize', { detail: { width, height } }));
  }

  protected override _disconnect(): void {
    super._disconnect();
    // The last picture stays, now in the hands of CSS alone.
    this._canvas.style.cssText = '';
    if (this.hasPicture) this._target.replaceChildren(this._canvas);
  }
}
