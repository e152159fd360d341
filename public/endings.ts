import { ENDS } from '../lib/errors.ts';
import type { Farewell } from './channel.ts';

/** How a session ended, for the viewer. */
export interface Ending {
  /** A WebSocket close code; or, when this page ended the session, what made it do so. */
  readonly code: number | 'security' | 'protocol' | 'cancelled' | 'closed' | 'page';
  readonly words: string;
  /** A second line: what the VNC server said, or what to do. */
  readonly detail?: string;
}

// What fits a close frame.
const MAX_WORDS = 123;

// No close frame, one without a code, and a socket that no route of the app took.
const MUTE = new Set([1006, 1005, 1008]);

/** The ending that a close frame tells of, or its absence. */
export function closeEnding({ code, reason }: Farewell): Ending {
  const known = Object.values(ENDS).find((end) => end.closeCode === code);
  // Several causes share a code, and later servers may have more of them: the reason is exact.
  if (reason && (known || code >= 4000)) return { code, words: cut(reason) };
  if (known) return { code, words: known.words };
  if (code === 1006) return { code, words: 'The connection was lost.' };
  return { code, words: `The connection was closed (${code}).` };
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
  if (!answer) return { code: 1006, words: 'The console server could not be reached.' };
  if (answer.status === 426 && farewell.opened) return closeEnding(farewell);
  if (answer.status === 426) {
    return {
      code: 1006,
      words: 'The WebSocket to the console server was blocked.',
      detail: 'The server would let it in. A proxy on the way may not pass WebSockets.',
    };
  }
  // 0 is a redirect that was not followed: an app's way to its login page.
  if (answer.status === 401 || answer.status === 0) {
    return {
      code: 4401,
      words: 'Your sign-in has ended.',
      detail: 'Reload the page to sign in again.',
    };
  }
  // The relay never answers so: an app's login page does.
  if (answer.status === 200) {
    return {
      code: 1006,
      words: 'Another page answered in place of the console.',
      detail: 'Reload: you may have to sign in again.',
    };
  }
  const known = Object.values(ENDS).find((end) => end.status === answer.status);
  const words = cut(answer.text.trim()) || known?.words;
  return {
    code: known?.closeCode ?? 1006,
    words: words ?? `The console server refused (${answer.status}).`,
  };
}

/** The ending when the VNC server refuses; `asked` says whether it had been given credentials. */
export function securityEnding(reason: string | undefined, asked: boolean): Ending {
  const words = asked
    ? 'The VNC server did not accept the credentials.'
    : 'The VNC server refused the connection.';
  return { code: 'security', words, ...(reason && { detail: `It said: ${cut(reason)}` }) };
}

/** The ending when noVNC gives up; `details` are its own words, for those who know. */
export function protocolEnding(details: string): Ending {
  const words = /^Unsupported (security|.*auth)/i.test(details)
    ? 'The VNC server wants a way of signing in that browsers do not have.'
    : 'The VNC server said something that this page does not understand.';
  return { code: 'protocol', words, detail: cut(details) };
}

function cut(text: string): string {
  return text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS - 1)}…` : text;
}
