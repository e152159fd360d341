import { type ConsoleErrorCode, ENDS } from '../../lib/errors.ts';
import type { Farewell } from './channel.ts';

/** Why a session ended: the relay's own causes, and those that only a browser meets. */
export type EndKind =
  | ConsoleErrorCode
  | 'LOST'
  | 'UNREACHABLE'
  | 'BLOCKED'
  | 'SIGNED_OUT'
  | 'REPLACED'
  | 'REFUSED'
  | 'CREDENTIALS'
  | 'SECURITY'
  | 'NO_SIGN_IN'
  | 'INSECURE'
  | 'PROTOCOL'
  | 'DECODER'
  | 'STUCK'
  | 'STALLED'
  | 'CANCELLED'
  | 'DISTRUSTED'
  | 'CLOSED'
  | 'INCOMPLETE'
  | 'OTHER';

/** How a session ended, for the viewer. */
export interface Ending {
  readonly kind: EndKind;
  /** A WebSocket close code; or, when this page ended the session, what made it do so. */
  readonly code: number | OwnCode;
  /** May have `{names}` of `values` in it, as may `detail`. */
  readonly words: string;
  /** A second line: what the VNC server said, or noVNC. */
  readonly detail?: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

type OwnCode = 'security' | 'protocol' | 'cancelled' | 'closed' | 'page' | 'stuck' | 'stalled';

/** The ends that this page makes by itself. */
export const OWN_ENDS = {
  CANCELLED: { kind: 'CANCELLED', code: 'cancelled', words: 'Signing in was cancelled.' },
  DISTRUSTED: { kind: 'DISTRUSTED', code: 'cancelled', words: 'You did not trust the VNC server.' },
  CLOSED: { kind: 'CLOSED', code: 'closed', words: 'You closed this console.' },
  INSECURE: {
    kind: 'INSECURE',
    code: 'protocol',
    words: 'This VNC server can only be signed in to from a page with HTTPS.',
  },
  INCOMPLETE: {
    kind: 'INCOMPLETE',
    code: 'page',
    words: 'This page could not be loaded completely.',
  },
  STUCK: { kind: 'STUCK', code: 'stuck', words: 'The picture stood still and had to be renewed.' },
  STALLED: { kind: 'STALLED', code: 'stalled', words: 'The connection stopped answering.' },
} as const satisfies Record<string, Ending>;

// What fits a close frame.
const MAX_WORDS = 123;

// No close frame, one without a code, and a socket that no route of the app took.
const MUTE = new Set([1006, 1005, 1008]);

/** The ending that a close frame tells of, or its absence; and why the server refused, if it did. */
export function closeEnding({ code, reason, refusal }: Farewell): Ending {
  const known = findEnd((end) => end.closeCode === code);
  const exact = findEnd((end) => end.closeCode === code && end.words === reason);
  const kind = exact?.kind ?? known?.kind ?? 'OTHER';
  // The relay keeps the reason for the log, or has taken it for an end like any other.
  const isOver = kind === 'SERVER_REFUSED' || kind === 'SERVER_CLOSED' || kind === 'SERVER_LOST';
  if (isOver && refusal !== null) return securityEnding(refusal, false);
  // Several causes share a code, and later servers may have more of them: the reason is exact.
  if (reason && (known || code >= 4000)) return { kind, code, words: cut(reason) };
  if (known) return { kind, code, words: known.words };
  if (code === 1006) return { kind: 'LOST', code, words: 'The connection was lost.' };
  return { kind, code, words: 'The connection was closed ({code}).', values: { code } };
}

function findEnd(
  fits: (end: { status: number | null; closeCode: number; words: string }) => boolean,
): { kind: ConsoleErrorCode; closeCode: number; words: string } | undefined {
  const kinds = Object.keys(ENDS) as ConsoleErrorCode[];
  const kind = kinds.find((each) => fits(ENDS[each]));
  return kind && { kind, ...ENDS[kind] };
}

/**
 * Says if a WebSocket closed as one that was refused, and that does not say why: browsers hide what
 * an app answers to a handshake, and express-ws accepts it before it asks the app.
 */
export function isRefusal({ code, reason, opened, spoken }: Farewell): boolean {
  if (!opened) return true;
  return !spoken && (MUTE.has(code) || (code === 1000 && reason === ''));
}

/** The ending of what `isRefusal` says, once the relay was asked over HTTP. */
export function refusalEnding(
  answer: { status: number; text: string } | null,
  farewell: Farewell,
): Ending {
  if (!answer) {
    return { kind: 'UNREACHABLE', code: 1006, words: 'The console server could not be reached.' };
  }
  const { status, text } = answer;
  if (status === 426 && farewell.opened) return closeEnding(farewell);
  if (status === 426) {
    return {
      kind: 'BLOCKED',
      code: 1006,
      words: 'The WebSocket to the console server was blocked.',
    };
  }
  // 0 is a redirect that was not followed: an app's way to its login page.
  if (status === 401 || status === 0) {
    return { kind: 'SIGNED_OUT', code: 4401, words: 'Your sign-in has ended.' };
  }
  // The relay never answers so: an app's login page does.
  if (status === 200) {
    return {
      kind: 'REPLACED',
      code: 1006,
      words: 'Another page answered in place of the console.',
    };
  }
  const said = cut(text.trim());
  const known =
    findEnd((end) => end.status === status && end.words === said) ??
    findEnd((end) => end.status === status);
  const kind = known?.kind ?? 'REFUSED';
  const code = known?.closeCode ?? 1006;
  const words = said || known?.words;
  if (words) return { kind, code, words };
  return { kind, code, words: 'The console server refused ({status}).', values: { status } };
}

/** The ending when the VNC server refuses; `asked` says whether it had been given credentials. */
export function securityEnding(reason: string | undefined, asked: boolean): Ending {
  const words = asked ? ENDS.LOGIN_FAILED.words : ENDS.SERVER_REFUSED.words;
  return {
    kind: asked ? 'CREDENTIALS' : 'SECURITY',
    code: 'security',
    words,
    // The relay says the same, when it was asked for the viewer's credentials by the server.
    ...(reason &&
      reason !== words && { detail: 'It said: {reason}', values: { reason: cut(reason) } }),
  };
}

/** The ending when noVNC gives up; `details` are its own words, for those who know. */
export function protocolEnding(details: string): Ending {
  const isSignIn = /^Unsupported (security|.*auth)/i.test(details);
  const words = isSignIn
    ? 'The VNC server wants a way of signing in that browsers do not have.'
    : 'The VNC server said something that this page does not understand.';
  return {
    kind: isSignIn ? 'NO_SIGN_IN' : 'PROTOCOL',
    code: 'protocol',
    words,
    detail: cut(details),
  };
}

/** The ending when this browser's decoder of H.264 fails; the next session does without. */
export function decoderEnding(details: string): Ending {
  return {
    kind: 'DECODER',
    code: 'stuck',
    words: 'This browser could not decode the picture.',
    detail: cut(details),
  };
}

function cut(text: string): string {
  return text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS - 1)}…` : text;
}
