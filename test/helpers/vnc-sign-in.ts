import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { TLSSocket } from 'node:tls';
import { answerVncAuth } from '../../lib/rfb/login/vnc-auth.ts';
import { serverInit } from '../rfb/helpers/server-says.ts';
import type { Browser } from './browser.ts';
import { CERTIFICATE } from './certificate.ts';
import { Inbox } from './inbox.ts';
import { BANNER, type VncConnection, VncTarget } from './vnc-target.ts';

const CHALLENGE = Buffer.from([...Array(16).keys()]);
const X509_VNC = Buffer.of(0, 0, 1, 5);

/** What a server with VNC authentication says up to and including its SecurityResult, in bytes. */
export const SIGN_IN_LENGTH = BANNER.length + 2 + CHALLENGE.length + 4;

export interface SignIn {
  readonly password: string;
  /** Inside TLS, by VeNCrypt. */
  readonly tls?: boolean;
  /** To each that comes so many bytes are said, */
  readonly nextCut?: () => number;
  /** and then this is done. */
  readonly atCut?: (socket: Socket) => void;
}

/** A server's side of a console that is open. */
export interface Desktop {
  readonly socket: Socket;
  /** What came from ClientInit on. */
  readonly inbox: Inbox;
}

class Cut extends Error {}

/** A VNC server that asks for a password, and shows a desktop to whoever knows it. */
export async function openVncServer(
  t: TestContext,
  how: SignIn,
): Promise<{
  readonly target: VncTarget;
  /** The next that is let in. */
  readonly next: () => Promise<Desktop>;
}> {
  const desktops: Promise<Desktop>[] = [];
  const script = (connection: VncConnection) => {
    const desktop = signIn(connection, how);
    desktop.catch(() => {});
    desktops.push(desktop);
  };
  const target = await VncTarget.open(t, { greeting: null, script });
  const next = async () => {
    await target.next();
    return desktops.shift()!;
  };
  return { target, next };
}

async function signIn(connection: VncConnection, how: SignIn): Promise<Desktop> {
  const { password, tls = false, nextCut = () => Infinity, atCut = () => {} } = how;
  const cut = nextCut();
  let { socket, inbox }: Desktop = connection;
  let said = 0;
  const say = (bytes: Buffer) => {
    const part = bytes.subarray(0, Math.max(0, cut - said));
    said += part.length;
    if (part.length > 0) socket.write(part);
    if (part.length === bytes.length) return;
    atCut(socket);
    throw new Cut();
  };
  say(BANNER);
  await inbox.read(BANNER.length);
  say(Buffer.of(1, tls ? 19 : 2));
  await inbox.read(1);
  if (tls) {
    say(Buffer.of(0, 2));
    await inbox.read(2);
    say(Buffer.concat([Buffer.of(0, 1), X509_VNC]));
    await inbox.read(4);
    say(Buffer.of(1));
    ({ socket, inbox } = endTls(socket));
  }
  say(CHALLENGE);
  const answer = await inbox.read(CHALLENGE.length);
  if (!answer.equals(answerVncAuth(password, CHALLENGE))) {
    say(Buffer.concat([Buffer.of(0, 0, 0, 1, 0, 0, 0, 6), Buffer.from('denied')]));
    socket.end();
    throw new Error('a wrong password');
  }
  say(Buffer.alloc(4));
  return { socket, inbox };
}

function endTls(carrier: Socket): Desktop {
  const socket = new TLSSocket(carrier, { isServer: true, ...CERTIFICATE });
  const inbox = new Inbox('the relay, inside TLS');
  socket.on('error', () => carrier.destroy());
  socket.on('end', () => socket.end());
  socket.on('data', (bytes: Buffer) => inbox.push(bytes));
  return { socket, inbox };
}

/** Goes through the door as noVNC does where nothing is asked, up to ServerInit. */
export async function enter(browser: Browser, { socket, inbox }: Desktop): Promise<void> {
  await browser.read(BANNER.length);
  browser.send(BANNER);
  await browser.read(2);
  browser.send(Buffer.of(1));
  await browser.read(4);
  browser.send(Buffer.of(0));
  await inbox.read(1);
  socket.write(serverInit());
  await browser.read(serverInit().length);
}
