import RFB, { type NoVncChannel } from '@novnc/novnc';
import { probeH264 } from '@novnc/novnc/core/util/browser.js';

/** What a Desktop tells beyond noVNC's own events. */
export interface DesktopWatch {
  onStage(stage: 'securing' | 'signing-in'): void;
  onFailure(details: string): void;
}

const SECURITY_NONE = 1;

/** A remote screen that fits its place, that is never blown up, and that says why it failed. */
export class Desktop extends RFB {
  // Not an initialised field: noVNC's constructor already calls the methods below.
  declare private watch?: DesktopWatch;
  declare private hasPicture?: boolean;

  static open(place: HTMLElement, channel: NoVncChannel, watch: DesktopWatch): Desktop {
    place.replaceChildren();
    const desktop = new Desktop(place, channel);
    desktop.watch = watch;
    desktop.background = 'transparent';
    desktop.scaleViewport = true;
    return desktop;
  }

  /** Names the screen for those who cannot see it, and lets the keyboard reach it. */
  name(name: string): void {
    this._canvas.tabIndex = 0;
    this._canvas.setAttribute('role', 'application');
    this._canvas.setAttribute('aria-label', `Remote screen of ${name}`);
    this._canvas.setAttribute('aria-description', 'Ctrl, Alt and Shift together lead out of it.');
  }

  protected override _initMsg(): boolean | undefined {
    const more = super._initMsg();
    if (this._rfbInitState === 'Security') this.watch?.onStage('securing');
    if (this._rfbInitState === 'Authentication' && this._rfbAuthScheme !== SECURITY_NONE) {
      this.watch?.onStage('signing-in');
    }
    return more;
  }

  protected override _framebufferUpdate(): boolean {
    const isWhole = super._framebufferUpdate();
    if (isWhole && !this.hasPicture) {
      this.hasPicture = true;
      probeH264().then((canDecode) => this.offerH264(canDecode));
    }
    return isWhole;
  }

  /** Sends the list of encodings anew if H.264 can be in it, which took long to find out. */
  private offerH264(canDecode: boolean): void {
    if (canDecode && this._rfbConnectionState === 'connected') this._sendEncodings();
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
  }

  protected override _disconnect(): void {
    super._disconnect();
    // The last picture stays, now in the hands of CSS alone.
    this._canvas.style.cssText = 'width: 100%';
    this._target.append(this._canvas);
  }
}
