const VERSION = 'RFB 003.008\n';
const NONE = 1;
const VNC_AUTHENTICATION = 2;

/**
 * What a viewer says first, to the bytes that a server says (RFC 6143, 7.1.1 to 7.3.1): as noVNC will,
 * which takes a moment to be there. It goes on as long as there is but one answer, and nobody has to
 * be asked for it; of older versions, and other ways to sign in, it leaves all to noVNC.
 */
export function* openingWords(
  shared: boolean,
  say: (bytes: Uint8Array<ArrayBuffer>) => void,
): Generator<void, void, number> {
  const version = Uint8Array.from(VERSION, (character) => character.charCodeAt(0));
  for (const byte of version) if ((yield) !== byte) return;
  say(version);

  const count = yield;
  if (count === 0) return;
  // noVNC takes the first type that it knows, and it knows these.
  const type = yield;
  for (let i = 1; i < count; i++) yield;
  if (type !== NONE && type !== VNC_AUTHENTICATION) return;
  say(Uint8Array.of(type));
  if (type !== NONE) return;

  for (let i = 0; i < 4; i++) if ((yield) !== 0) return;
  say(Uint8Array.of(Number(shared)));
}
