/** Shows something while there is a reason to, and a little longer. */
export class Linger {
  readonly #show: (visible: boolean) => void;
  readonly #delay: number;
  readonly #reasons = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(show: (visible: boolean) => void, delay: number) {
    this.#show = show;
    this.#delay = delay;
  }

  /** Gives a reason to show, or takes it back. */
  hold(reason: string, holds = true): void {
    if (holds) this.#reasons.add(reason);
    else if (!this.#reasons.delete(reason)) return;
    clearTimeout(this.#timer);
    if (this.#reasons.size > 0) this.#show(true);
    else this.#timer = setTimeout(() => this.#show(false), this.#delay);
  }

  release(reason: string): void {
    this.hold(reason, false);
  }
}
