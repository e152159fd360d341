/**
 * How a session ends, or is refused: one table (RFC 6455 section 7.4 for the codes below 4000;
 * 4000 + an HTTP status, where there is one, for ours).
 *
 * `status` is what an HTTP answer says before the handshake, or null where an end can only come
 * after it. `closeCode` is what the WebSocket's close frame says. `words` are for the viewer: they
 * carry no address, errno or stack, and fit the 123 bytes of a close frame.
 */
export const ENDS = {
  SERVER_CLOSED: { status: null, closeCode: 1000, words: 'The VNC server closed the connection.' },
  BROWSER_CLOSED: { status: null, closeCode: 1000, words: 'The console was closed.' },
  BROWSER_GONE: { status: null, closeCode: 1001, words: 'The browser went away.' },
  BROWSER_PROTOCOL: { status: null, closeCode: 1002, words: 'The browser broke the protocol.' },
  SHUTTING_DOWN: { status: 503, closeCode: 1001, words: 'The console server is restarting.' },
  TEXT_FRAME: { status: null, closeCode: 1003, words: 'A console takes binary messages only.' },
  MESSAGE_TOO_LARGE: {
    status: null,
    closeCode: 1009,
    words: 'The browser sent too large a message.',
  },
  INTERNAL: { status: 500, closeCode: 1011, words: 'The console server failed.' },
  NAME_INVALID: { status: 400, closeCode: 4400, words: 'That is not a console address.' },
  TARGET_REFUSED: { status: 403, closeCode: 4403, words: 'This console is not available.' },
  ORIGIN_REFUSED: { status: 403, closeCode: 4403, words: 'This page may not open consoles here.' },
  TARGET_UNKNOWN: { status: 404, closeCode: 4404, words: 'There is no such console.' },
  LOGIN_FAILED: {
    status: null,
    closeCode: 4407,
    words: 'The VNC server did not accept the credentials.',
  },
  IDLE: { status: null, closeCode: 4408, words: 'The console was closed because nobody used it.' },
  TOO_MANY: { status: 429, closeCode: 4429, words: 'Too many consoles are open.' },
  MAX_DURATION: { status: null, closeCode: 4440, words: 'The time for this console is over.' },
  BROWSER_STALLED: {
    status: null,
    closeCode: 4499,
    words: 'The browser stopped reading for too long.',
  },
  SERVER_LOST: {
    status: null,
    closeCode: 4500,
    words: 'The connection to the VNC server was lost.',
  },
  CONNECT_REFUSED: { status: null, closeCode: 4502, words: 'The VNC server cannot be reached.' },
  HOST_NOT_FOUND: {
    status: null,
    closeCode: 4502,
    words: 'The VNC server was not found by its name.',
  },
  NOT_VNC: { status: null, closeCode: 4502, words: 'What answered is not a VNC server.' },
  SERVER_PROTOCOL: {
    status: null,
    closeCode: 4502,
    words: 'The VNC server sent something that could not be understood.',
  },
  SERVER_REFUSED: {
    status: null,
    closeCode: 4502,
    words: 'The VNC server refused the connection.',
  },
  SECURITY_UNSUPPORTED: {
    status: null,
    closeCode: 4502,
    words: 'The VNC server offers no way of signing in that this console can use.',
  },
  TIMEOUT: { status: null, closeCode: 4504, words: 'The VNC server did not answer in time.' },
  CERTIFICATE_UNTRUSTED: {
    status: null,
    closeCode: 4526,
    words: 'The certificate of the VNC server is not trusted.',
  },
} as const satisfies Record<string, End>;

interface End {
  status: number | null;
  closeCode: number;
  words: string;
}

/** Why a console was refused or ended: a closed set, for `switch` and for dashboards. */
export type ConsoleErrorCode = keyof typeof ENDS;

/** What a refusal or an end is made of. Its `message` may name addresses: it is for the log only. */
export class ConsoleError extends Error {
  override readonly name = 'ConsoleError';
  readonly code: ConsoleErrorCode;
  /** The HTTP status before the handshake; 500 for an end that has none. Express honours it. */
  readonly status: number;
  /** The WebSocket close code after the handshake. */
  readonly closeCode: number;
  /** One sentence for the viewer, with no address and no secret in it. */
  readonly words: string;

  constructor(code: ConsoleErrorCode, detail?: string, cause?: unknown) {
    const end = ENDS[code];
    super(detail ?? end.words, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = end.status ?? 500;
    this.closeCode = end.closeCode;
    this.words = end.words;
  }
}

/** Any thrown thing as a ConsoleError: what is not one already gets `code`, our fault if none is said. */
export function asConsoleError(thrown: unknown, code: ConsoleErrorCode = 'INTERNAL'): ConsoleError {
  if (thrown instanceof ConsoleError) return thrown;
  return new ConsoleError(code, messageOf(thrown), thrown);
}

/** What a thrown thing says for itself; anything can be thrown, even what cannot be made a text. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'something that is no error';
  }
}
