import type { EndKind } from './endings.ts';

/** The one thing to do about an end; `again` is offered quietly, as it will hardly help. */
type Way = 'reconnect' | 'reload' | 'sign-in' | 'again';

/** What to do about an end. */
export interface Hint {
  readonly text: string;
  readonly way: Way;
}

/** What to do about every end there is. */
export const HINTS: Readonly<Record<EndKind, Hint>> = {
  SERVER_CLOSED: {
    text: 'The machine may be shutting down or restarting. Reconnect in a moment.',
    way: 'reconnect',
  },
  BROWSER_CLOSED: { text: 'Reconnect to go on.', way: 'reconnect' },
  BROWSER_GONE: { text: 'Reconnect to go on.', way: 'reconnect' },
  BROWSER_PROTOCOL: {
    text: 'A proxy or an extension may be in the way. Try another network or browser.',
    way: 'reconnect',
  },
  SHUTTING_DOWN: { text: 'It should be back soon. Reconnect in a moment.', way: 'reconnect' },
  TEXT_FRAME: { text: 'Reload the page, as it may be out of date.', way: 'reload' },
  MESSAGE_TOO_LARGE: { text: 'Send less text at a time.', way: 'reconnect' },
  INTERNAL: {
    text: 'Try again in a moment. If it stays so, send the details to those who run it.',
    way: 'reconnect',
  },
  NAME_INVALID: { text: 'Check the address of this page.', way: 'again' },
  TARGET_REFUSED: { text: 'Ask those who run it to allow it for you.', way: 'again' },
  ORIGIN_REFUSED: { text: 'Open the console from its own site.', way: 'again' },
  TARGET_UNKNOWN: { text: 'It may have been removed, or its name is another.', way: 'again' },
  LOGIN_FAILED: { text: 'Ask those who run it to check the stored password.', way: 'again' },
  IDLE: { text: 'Reconnect to go on.', way: 'reconnect' },
  TOO_MANY: { text: 'Close another console, then try again.', way: 'reconnect' },
  MAX_DURATION: { text: 'Reconnect if you may still use it.', way: 'reconnect' },
  BROWSER_STALLED: {
    text: 'This device or its network was too slow. Choose a smaller picture in the settings.',
    way: 'reconnect',
  },
  SERVER_LOST: {
    text: 'The machine or its network may have failed. Reconnect in a moment.',
    way: 'reconnect',
  },
  CONNECT_REFUSED: {
    text: 'Check that the machine is on and that its VNC server runs.',
    way: 'reconnect',
  },
  HOST_NOT_FOUND: {
    text: 'The machine may have been removed, or its name is another.',
    way: 'reconnect',
  },
  NOT_VNC: { text: 'The port may belong to another service.', way: 'reconnect' },
  SERVER_PROTOCOL: {
    text: 'If it stays so, send the details to those who run the console.',
    way: 'reconnect',
  },
  SERVER_REFUSED: {
    text: 'It may refuse this address, or after too many tries. Wait a while.',
    way: 'again',
  },
  SECURITY_UNSUPPORTED: {
    text: 'Ask those who run it to check how its VNC server lets people in.',
    way: 'again',
  },
  CERTIFICATE_UNTRUSTED: {
    text: 'Ask those who run it to check the certificate of its VNC server.',
    way: 'again',
  },
  TIMEOUT: { text: 'Check that the machine is on and not too busy.', way: 'reconnect' },

  LOST: { text: 'Check your network, then reconnect.', way: 'reconnect' },
  UNREACHABLE: { text: 'Check your network, then reconnect.', way: 'reconnect' },
  BLOCKED: {
    text: 'The server would let it in. A proxy on the way may not pass WebSockets.',
    way: 'reconnect',
  },
  SIGNED_OUT: { text: 'Reload the page to sign in again.', way: 'reload' },
  REPLACED: { text: 'Reload the page. You may have to sign in again.', way: 'reload' },
  REFUSED: { text: 'Try again in a moment.', way: 'reconnect' },
  CREDENTIALS: { text: 'Check what you typed, then sign in again.', way: 'sign-in' },
  SECURITY: {
    text: 'It may refuse this address, or after too many tries. Wait a while.',
    way: 'again',
  },
  NO_SIGN_IN: {
    text: 'Allow plain VNC passwords or no sign-in on the VNC server for this relay.',
    way: 'again',
  },
  INSECURE: { text: 'Open this page with HTTPS.', way: 'again' },
  PROTOCOL: {
    text: 'If it stays so, send the details to those who run the console.',
    way: 'reconnect',
  },
  DECODER: { text: 'Reconnect to get the picture in another way.', way: 'reconnect' },
  STUCK: { text: 'Reconnect to get a new picture.', way: 'reconnect' },
  STALLED: { text: 'Check your network, then reconnect.', way: 'reconnect' },
  CANCELLED: { text: 'Sign in when you are ready.', way: 'sign-in' },
  DISTRUSTED: { text: 'Ask those who run the server for its right signature.', way: 'again' },
  CLOSED: { text: 'It goes on running.', way: 'reconnect' },
  INCOMPLETE: { text: 'Reload it to try again.', way: 'reload' },
  OTHER: {
    text: 'If it stays so, send the details to those who run the console.',
    way: 'reconnect',
  },
};
