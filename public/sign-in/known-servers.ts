import type { Shelf } from '../settings-store.ts';
import type { Fingerprint } from './fingerprint.ts';

const PREFIX = 'express-novnc:server';

/** The VNC servers that the viewer trusts, by their target. */
export class KnownServers {
  readonly #shelf: Shelf | null;
  readonly #key: string;

  constructor(shelf: Shelf | null, target: string) {
    this.#shelf = shelf;
    this.#key = `${PREFIX}:${target}`;
  }

  /** Who was trusted here before, if anyone. */
  get trusted(): Fingerprint | null {
    try {
      const { signature, sha256 } = JSON.parse(this.#shelf?.getItem(this.#key) ?? 'null') ?? {};
      const isWhole = typeof signature === 'string' && typeof sha256 === 'string';
      return isWhole ? { signature, sha256 } : null;
    } catch {
      return null;
    }
  }

  trust(print: Fingerprint): void {
    try {
      this.#shelf?.setItem(this.#key, JSON.stringify(print));
    } catch {
      // Full, or forbidden: it will be asked again.
    }
  }
}
