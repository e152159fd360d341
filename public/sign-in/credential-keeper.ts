/** Keeps what the viewer signed in with, in memory only, so that a reconnect need not ask again. */
export class CredentialKeeper<Credentials extends object> {
  #kept: Credentials | null = null;
  #wasRejected = false;

  /** The VNC server did not accept what was given last, and nothing was given since. */
  get wasRejected(): boolean {
    return this.#wasRejected;
  }

  keep(credentials: Credentials): void {
    this.#kept = credentials;
    this.#wasRejected = false;
  }

  /** What is asked for, if all of it is kept. */
  answer(types: readonly (keyof Credentials)[]): Credentials | null {
    const kept = this.#kept;
    return kept && types.every((type) => kept[type] !== undefined) ? kept : null;
  }

  reject(): void {
    this.#kept = null;
    this.#wasRejected = true;
  }

  forget(): void {
    this.#kept = null;
    this.#wasRejected = false;
  }
}
