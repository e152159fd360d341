import type { BrowserSocket } from '../../lib/relay/browser-socket.ts';
import { ReadBuffers } from '../../lib/relay/read-buffers.ts';
import { Session, type SessionTimeouts } from '../../lib/session/session.ts';
import type { SessionEnd } from '../../lib/session/session-info.ts';

/** Makes a session that writes down what it tells, under the name `a`. */
export function makeSession(
  browser: BrowserSocket,
  timeouts: SessionTimeouts,
  maxPayload: number,
): { session: Session; told: string[]; end: () => SessionEnd | undefined } {
  const told: string[] = [];
  let end: SessionEnd | undefined;
  const session = new Session(
    browser,
    { id: '1', name: 'a', target: 'a', viewer: '', startedAt: new Date() },
    { timeouts, lookup: async () => [], buffers: new ReadBuffers(), limits: { maxPayload } },
    {
      onDialled: () => told.push('dialled'),
      onOpen: () => told.push('open'),
      onEnd: (_session, how) => {
        end = how;
        told.push(how.error.code);
      },
      onGone: () => told.push('gone'),
    },
  );
  return { session, told, end: () => end };
}
