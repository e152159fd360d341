const VERSION = 'RFB 003.008\n';
// What servers begin with that refuse whoever is there, without a word from him.
const OLDEST = 'RFB 003.003\n';
const NONE = 1;
const VNC_AUTHENTICATION = 2;

/**
 * What a viewer says first, to the bytes that a server says (RFC 6143, 7.1.1 to 7.3.1): as noVNC will,
 * which takes a moment to be there. It goes on as long as there is but one answer, and nobody has to
 * be asked for it; of older versions, and other ways to sign in, it leaves all to noVNC. A refusal it
 * hears out, and returns why, as such a server may be gone before noVNC comes.
 */
export function* openingWords(
  shared: boolean,
  say: (bytes: Uint8Array<ArrayBuffer>) => void,
): Generator<void, string | undefined, number> {
  const version = yield* text(VERSION.length);
  if (version === OLDEST) return (yield* u32()) === 0 ? yield* reason() : undefined;
  if (version !== VERSION) return undefined;
  say(new TextEncoder().encode(VERSION));

  const count = yield;
  if (count === 0) return yield* reason();
  // noVNC takes the first type that it knows, and it knows these.
  const type = yield;
  for (let i = 1; i < count; i++) yield;
  if (type !== NONE && type !== VNC_AUTHENTICATION) return undefined;
  say(Uint8Array.of(type));
  if (type !== NONE) return undefined;

  if ((yield* u32()) !== 0) return yield* reason();
  say(Uint8Array.of(Number(shared)));
  return undefined;
}

function* reason(): Generator<void, string, number> {
  return yield* text(yield* u32());
}

function* text(length: number): Generator<void, string, number> {
  const bytes: number[] = [];
  while (bytes.length < length) bytes.push(yield);
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

function* u32(): Generator<void, number, number> {
  let value = 0;
  for (let i = 0; i < 4; i++) value = value * 256 + (yield);
  return value;
}
