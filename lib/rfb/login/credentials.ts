/** What a VNC server wants to know. It stays on this side, and never reaches a browser. */
export interface Credentials {
  /** Makes the ways of signing in that take one usable: VeNCrypt Plain, Apple's and UltraVNC's. */
  readonly username?: string | undefined;
  readonly password?: string | undefined;
}

/** Credentials that show in no inspection and in no JSON. */
export class HiddenCredentials implements Credentials {
  readonly #username: string | undefined;
  readonly #password: string | undefined;

  constructor({ username, password }: Credentials) {
    this.#username = username;
    this.#password = password;
  }

  get username(): string | undefined {
    return this.#username;
  }

  get password(): string | undefined {
    return this.#password;
  }
}
