import RFB from '@novnc/novnc';
import keysyms from '@novnc/novnc/core/input/keysymdef.js';
import type { Key } from '../input/key-codes.ts';

// Of the extended clipboard: text, and that each side tells the other of news.
const CLIPBOARD_TEXT = 1;
const CLIPBOARD_NOTIFY = 1 << 27;

/** A remote screen whose keys can be pressed by the page too, and be held down by it. */
export class DesktopInput extends RFB {
  /** Codes of keys that the page holds down: the own keyboard does not let go of them. */
  declare held?: ReadonlySet<string>;
  /** The keysyms of dead keys by their codes, as the browser does not tell them. */
  declare dead?: ReadonlyMap<string, number>;

  /** Names the screen for those who cannot see it, and lets the keyboard reach it. */
  name(name: string, hint: string): void {
    this._canvas.tabIndex = 0;
    this._canvas.setAttribute('role', 'application');
    this._canvas.setAttribute('aria-label', name);
    this._canvas.setAttribute('aria-description', hint);
  }

  /** Presses a key, or lets go of it; `capsLock` as it has to be for that, when it matters. */
  key({ keysym, code }: Key, down: boolean, capsLock: boolean | null = null): void {
    const symbol = typeof keysym === 'number' ? keysym : keysyms.lookup(keysym.codePointAt(0) ?? 0);
    this._handleKeyEvent(symbol, code, down, null, capsLock);
  }

  /** Lets go of the keys of the own keyboard that are down. */
  releaseKeys(): void {
    this._keyboard.ungrab();
    // Chromium tells of the lost focus also when noVNC has taken its screen out of the page for good.
    if (!this.viewOnly && this._rfbConnectionState === 'connected') this._keyboard.grab();
  }

  /** Lets go of the buttons of the mouse that are down. */
  releaseButtons(): void {
    if (this._mouseButtonMask === 0) return;
    const { x, y } = this._mousePos;
    this._handleMouseButton(x, y, 0);
  }

  // Where noVNC knows nothing of the own locks, as when two fingers spread, it would press the
  // console's, to bring them in line.
  protected override _handleKeyEvent(
    keysym: number,
    code: string,
    down: boolean,
    numLock: boolean | null = null,
    capsLock: boolean | null = null,
  ): void {
    super._handleKeyEvent(keysym, code, down, numLock, capsLock);
  }

  override sendKey(keysym: number | null, code: string | null, down?: boolean): void {
    if (this.held?.has(code ?? '')) return;
    super.sendKey(keysym ?? this.dead?.get(code ?? '') ?? null, code, down);
  }

  /** Whether the server's clipboard takes all characters, or those of Latin-1 alone. */
  get takesUnicode(): boolean {
    return Boolean(
      this._clipboardServerCapabilitiesFormats[CLIPBOARD_TEXT] &&
        this._clipboardServerCapabilitiesActions[CLIPBOARD_NOTIFY],
    );
  }
}
