import { ask } from './dialogs.ts';
import { elements } from './elements.ts';
import { fingerprint } from './fingerprint.ts';

/** Shows who the VNC server says it is, and asks whether to go on. */
export async function askTrust(
  publicKey: Uint8Array<ArrayBuffer>,
  over: AbortSignal,
): Promise<boolean> {
  const { dialog, signature, sha256 } = elements.identity;
  const print = await fingerprint(publicKey);
  signature.textContent = print.signature;
  sha256.textContent = print.sha256;
  return ask(dialog, over);
}
