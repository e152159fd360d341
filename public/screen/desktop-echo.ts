import RFB from '@novnc/novnc';
import { DesktopScaling } from './desktop-scaling.ts';
import { holdsPixels } from './holds-pixels.ts';

/** The bit of a Fence that asks for an answer (rfbproto, "ClientFence"). */
const REQUEST = 0x8000_0000;

/** By what our own come back; servers send them as they are. */
const NAME = 'echo';

/** Up to a Fence's name: 3 bytes of padding, 4 of flags, 1 that says how long that is. */
const HEAD = 8;

/** A remote screen that can be asked for an answer, to find out how long one takes. */
export class DesktopEcho extends DesktopScaling {
  // Not initialised fields, as in Desktop.
  declare private pixel?: 'asked' | 'come' | undefined;
  /** The server has answered, behind all that it had sent before. */
  declare onEcho?: (() => void) | undefined;

  /** Asks by a Fence; a server that knows none, for a pixel, which it has to send however still the screen is. */
  askForEcho(): void {
    if (this._supportsFence) {
      RFB.messages.clientFence(this._sock, REQUEST, NAME);
    } else {
      this.pixel = 'asked';
      RFB.messages.fbUpdateRequest(this._sock, false, 0, 0, 1, 1);
    }
  }

  /** noVNC asks nothing by fences, and takes answers for a fault. */
  protected override _handleServerFenceMsg(): boolean {
    if (this._sock.rQwait('a fence', HEAD, 1)) return false;
    const head = this._sock.rQpeekBytes(HEAD);
    const isAnswer = (head[3]! & 0x80) === 0;
    if (!isAnswer || head[HEAD - 1] !== NAME.length) return super._handleServerFenceMsg();
    if (this._sock.rQwait('the name of a fence', HEAD + NAME.length, 1)) return false;
    const name = String.fromCharCode(...this._sock.rQpeekBytes(HEAD + NAME.length).slice(HEAD));
    if (name !== NAME) return super._handleServerFenceMsg();
    this._sock.rQskipBytes(HEAD + NAME.length);
    this.onEcho?.();
    return true;
  }

  protected override _handleRect(): boolean {
    const isWhole = super._handleRect();
    const { encoding, x, y } = this._FBU;
    if (isWhole && this.pixel === 'asked' && x === 0 && y === 0 && holdsPixels(encoding)) {
      this.pixel = 'come';
    }
    return isWhole;
  }

  protected override _framebufferUpdate(): boolean {
    const isWhole = super._framebufferUpdate();
    if (isWhole && this.pixel === 'come') {
      this.pixel = undefined;
      this.onEcho?.();
    }
    return isWhole;
  }
}
