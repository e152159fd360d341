import type { ConsoleError } from '../errors.ts';

/** Who watches what: of a session, for events and the log. */
export interface SessionInfo {
  /** Unique in this process. */
  readonly id: string;
  /** The name in the page's address. */
  readonly name: string;
  /** Where it leads: an address, or the label of a stream. */
  readonly target: string;
  /** The viewer's address, as the app's `trust proxy` sees it. */
  readonly viewer: string;
  readonly startedAt: Date;
}

/** How a session went. */
export interface SessionEnd {
  readonly error: ConsoleError;
  /** Bytes passed on. */
  readonly toBrowser: number;
  readonly toServer: number;
  /** From the handshake to the end, in milliseconds. */
  readonly duration: number;
}
