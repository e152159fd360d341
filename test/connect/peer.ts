import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TestContext } from 'node:test';
import { inspect } from 'node:util';
import type { Connect } from '../../lib/connect/index.ts';
import { Inbox, Queue, within } from '../helpers/inbox.ts';

/** What must never be shown to anybody, in arguments of every kind. */
export const SECRET = 'hunter2-s3cret';

/** Fails if a secret is in a thing, however deep one looks. */
export function assertNoSecret(thing: unknown): void {
  const shown = inspect(thing, { depth: 20, showHidden: true, maxStringLength: null });
  assert.ok(!shown.includes(SECRET), shown.slice(Math.max(0, shown.indexOf(SECRET) - 200)));
  assert.ok(!shown.includes(Buffer.from(SECRET).toString('base64').slice(0, -4)), 'in base64');
}

/** One connection to a peer that does as the test says. */
export interface PeerConnection {
  readonly socket: Socket;
  readonly inbox: Inbox;
  readonly closed: Promise<unknown>;
}

/** A TCP server in the test's hands. */
export async function openPeer(
  t: TestContext,
  script: (connection: PeerConnection) => unknown = () => {},
) {
  const connections = new Queue<PeerConnection>('a connection');
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    const inbox = new Inbox('the connection');
    socket.on('error', () => {});
    socket.on('data', (bytes) => inbox.push(bytes));
    const connection = { socket, inbox, closed: once(socket, 'close').catch(() => {}) };
    Promise.resolve(script(connection)).catch(() => socket.destroy());
    connections.push(connection);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { host: '127.0.0.1', port, next: () => connections.next() };
}

/** Opens a stream that is gone with the test. */
export async function opened(t: TestContext, connect: Connect): Promise<Duplex> {
  const stream = await within(connect(new AbortController().signal), 'an open stream');
  t.after(() => stream.destroy());
  return stream;
}

/** Why a stream does not open; without a secret. */
export async function failure(connect: Connect, signal?: AbortSignal): Promise<Error> {
  const opening = connect(signal ?? new AbortController().signal);
  const error = await within(
    opening.then(
      (stream) => {
        stream.destroy();
        throw new assert.AssertionError({ message: 'it opened' });
      },
      (error) => error,
    ),
    'a failure',
  );
  assert.ok(error instanceof Error);
  assertNoSecret(error);
  return error;
}

/** Bytes of a stream, as they come. */
export function inboxOf(stream: Duplex): Inbox {
  const inbox = new Inbox('the stream');
  stream.on('data', (bytes) => inbox.push(bytes));
  stream.resume();
  return inbox;
}

/** How a stream ends: in good order, or with an error. */
export function endOf(stream: Duplex): Promise<string> {
  let how = 'closed';
  stream.on('end', () => {
    how = 'end';
  });
  stream.on('error', (error) => {
    how = error.message;
  });
  stream.resume();
  const closed = new Promise<void>((resolve) => stream.once('close', resolve));
  return within(closed, 'the end of a stream').then(() => how);
}

/**
 * Aborts while a peer keeps silent, and sees that it is left at once; `reached` tells when the stage
 * that is meant has come.
 */
export async function assertAborts(
  connect: Connect,
  peer: { next(): Promise<PeerConnection> },
  reached: (connection: PeerConnection) => Promise<unknown> = async () => {},
): Promise<void> {
  const controller = new AbortController();
  const reason = new Error('the viewer left');
  const opening = failure(connect, controller.signal);
  const connection = await peer.next();
  await reached(connection);
  controller.abort(reason);
  assert.equal(await opening, reason);
  await within(connection.closed, 'the end of what was opened');
}
