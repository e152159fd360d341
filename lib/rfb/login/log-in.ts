import { asConsoleError, ConsoleError } from '../../errors.ts';
import type { Method, SecurityPolicy } from './authenticator.ts';
import { readChallenge } from './challenges.ts';
import type { ServerPeer } from './peer.ts';
import { describeRefusal, readReason, refusedConnection } from './refusal.ts';
import { BARE, chooseType, VENCRYPT } from './security-types.ts';
import { enterTls } from './ven-crypt.ts';
import { type Version, versionFor, versionLine } from './version.ts';

/**
 * Plays the viewer toward the VNC server, from its banner up to and including SecurityResult (RFC
 * 6143 section 7.1): what comes next on both sides is ClientInit. Rejects with a ConsoleError. The
 * caller keeps the time, and makes reads reject when it is up or a side is gone.
 */
export async function logIn(
  server: ServerPeer,
  banner: Buffer,
  policy: SecurityPolicy,
): Promise<void> {
  try {
    const version = versionFor(banner);
    server.write(versionLine(version));
    const method = await signIn(server, version, policy);
    // Before 3.8, None has no result.
    if (method !== null) await readResult(server, version, method, policy);
  } catch (error) {
    throw asConsoleError(error);
  }
}

/** Does what the chosen security type asks. Null: no SecurityResult follows. */
async function signIn(
  server: ServerPeer,
  version: Version,
  policy: SecurityPolicy,
): Promise<Method | null> {
  const offered = version === 3 ? await readDictate(server) : await readTypes(server);
  const choice = chooseType(offered, policy);
  if (version !== 3) server.write(Buffer.of(choice?.type ?? VENCRYPT));
  if (choice?.type === BARE.none) return version === 8 ? 'none' : null;
  const method = choice?.method ?? (await enterTls(server, policy));
  if (method === 'none') return method;
  const challenge = await readChallenge(server, method);
  // Not overwritten after this: a socket may still hold it.
  server.write(await policy.authenticator.answer(method, challenge));
  return method;
}

/** In 3.3 the server decides; it is held to what we would have chosen. */
async function readDictate(server: ServerPeer): Promise<readonly number[]> {
  const type = (await server.read(4)).readUInt32BE();
  if (type === 0) throw refusedConnection(await readReason(server));
  return [type];
}

async function readTypes(server: ServerPeer): Promise<readonly number[]> {
  const count = (await server.read(1)).readUInt8();
  if (count === 0) throw refusedConnection(await readReason(server));
  return [...(await server.read(count))];
}

/** RFC 6143 section 7.1.3; 2 is "too many attempts" in rfbproto. */
async function readResult(
  server: ServerPeer,
  version: Version,
  method: Method,
  { authenticator }: SecurityPolicy,
): Promise<void> {
  const result = (await server.read(4)).readUInt32BE();
  if (result === 0) return;
  const reason = version === 8 ? await readReason(server) : Buffer.alloc(0);
  const told = authenticator.mayTell(reason) ? reason : Buffer.from('(withheld)');
  const code = method === 'none' && result !== 2 ? 'SERVER_REFUSED' : 'LOGIN_FAILED';
  const what = `the server answers ${result} to a sign-in by ${method}`;
  throw new ConsoleError(code, describeRefusal(what, told));
}
