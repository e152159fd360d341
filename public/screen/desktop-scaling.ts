import type { PageSettings } from '../../lib/page-settings.ts';
import { DesktopInput } from './desktop-input.ts';

// Of the answer to a wish for another size: it was ours.
const BY_US = 1;

/** The part of a desktop that fits the remote screen to its place, or asks the server to. */
export class DesktopScaling extends DesktopInput {
  // Not initialised fields: noVNC's constructor already calls the methods below.
  declare private isSharp?: boolean;
  /** The server did not take the last size that was asked for; it may take the next. */
  declare private isRefused?: boolean;

  /** Fits the remote screen to its place, as the setting of that name says. */
  fit(scaling: PageSettings['scaling']): void {
    this.isSharp = scaling === 'remote-sharp';
    this.isRefused = false;
    this.clipViewport = scaling === 'actual';
    this.resizeSession = this.isSharp || scaling === 'remote';
    this.scaleViewport = scaling !== 'actual';
  }

  /** How many pixels of the server's one of the page is to be; 1 where the server cannot resize. */
  private get density(): number {
    const canResize = this._supportsSetDesktopSize && !this.viewOnly;
    return this.isSharp && canResize ? devicePixelRatio : 1;
  }

  protected override _screenSize(): { w: number; h: number } {
    const { w, h } = super._screenSize();
    if (!this.resizeSession) return { w, h };
    // Whole pixels, or noVNC would ask for the same size again and again.
    return { w: Math.floor(w * this.density), h: Math.floor(h * this.density) };
  }

  protected override _updateScale(): void {
    super._updateScale();
    if (!this.resizeSession) return;
    // Shrunk until the server has taken the size, or because it does not; never enlarged, and where
    // it does not, not shown smaller than need be either.
    const most = this.isRefused ? this.density : 1;
    this._display.scale = Math.min(this._display.scale, most) / this.density;
  }

  // Scaled or clipped, the screen never has scroll bars: to count them anew is a layout for nothing.
  protected override _fixScrollbars(): void {}

  protected override _handleExtendedDesktopSize(): boolean {
    const isWhole = super._handleExtendedDesktopSize();
    const { x: asker, y: status } = this._FBU;
    if (isWhole && asker === BY_US) this.isRefused = status !== 0;
    if (isWhole) this._updateScale();
    return isWhole;
  }
}
