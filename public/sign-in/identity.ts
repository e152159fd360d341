import { ask } from '../dialogs.ts';
import { elements } from '../elements.ts';
import { shelf, target } from '../settings.ts';
import { type Fingerprint, fingerprint } from './fingerprint.ts';
import { KnownServers } from './known-servers.ts';

const { identity, stranger } = elements;
const servers = new KnownServers(shelf(), target);

/** Shows who the VNC server says it is, and asks whether to go on; not if it is known already. */
export async function askTrust(
  publicKey: Uint8Array<ArrayBuffer>,
  over: AbortSignal,
): Promise<boolean> {
  const print = await fingerprint(publicKey);
  const { trusted } = servers;
  if (trusted?.sha256 === print.sha256) return true;
  return trusted ? isTrustedInstead(print, trusted, over) : isTrusted(print, over);
}

async function isTrusted(print: Fingerprint, over: AbortSignal): Promise<boolean> {
  identity.signature.textContent = print.signature;
  identity.sha256.textContent = print.sha256;
  identity.remember.checked = true;
  const answer = await ask(identity.dialog, over);
  if (answer && identity.remember.checked) servers.trust(print);
  return answer;
}

async function isTrustedInstead(
  print: Fingerprint,
  old: Fingerprint,
  over: AbortSignal,
): Promise<boolean> {
  stranger.oldSignature.textContent = old.signature;
  stranger.oldSha256.textContent = old.sha256;
  stranger.signature.textContent = print.signature;
  stranger.sha256.textContent = print.sha256;
  const answer = await ask(stranger.dialog, over);
  if (answer) servers.trust(print);
  return answer;
}
