import { APPLE_FIELD, answerApple } from './apple-auth.ts';
import type { Authenticator, Method } from './authenticator.ts';
import type { Credentials } from './credentials.ts';
import { answerMsLogon, MS_LOGON_FIELDS } from './ms-logon.ts';
import { fitsField } from './text-field.ts';
import { answerVncAuth } from './vnc-auth.ts';

/**
 * Answers with credentials that stay here. What takes a user name goes first if there is one; None
 * is last: it will do, as it gives nothing away.
 */
export function storedCredentials({ username = '', password }: Credentials): Authenticator {
  // In closures, not in fields: no inspection of this object shows them.
  return {
    methods: methodsOf(username, password),
    async answer(method, challenge) {
      const word = password ?? '';
      switch (method) {
        case 'vnc':
          return answerVncAuth(word, challenge);
        case 'plain':
          return plainMessage(username, word);
        case 'ard':
          return answerApple(username, word, challenge);
        case 'msLogon':
          return answerMsLogon(username, word, challenge);
      }
    },
    mayTell(reason) {
      return ![username, password].some((secret) => secret && reason.includes(secret));
    },
  };
}

function methodsOf(username: string, password: string | undefined): readonly Method[] {
  if (password === undefined) return ['none'];
  if (username === '') return ['vnc', 'none'];
  const fits = (forName: number, forWord: number) =>
    fitsField(username, forName) && fitsField(password, forWord);
  return [
    'plain',
    ...(fits(APPLE_FIELD, APPLE_FIELD) ? (['ard'] as const) : []),
    ...(fits(MS_LOGON_FIELDS.username, MS_LOGON_FIELDS.password) ? (['msLogon'] as const) : []),
    'vnc',
    'none',
  ];
}

/** Lengths of both, 4 bytes each, then both in UTF-8 (rfbproto, "VeNCrypt", sub-type Plain). */
function plainMessage(username: string, password: string): Buffer {
  const texts = Buffer.from(username + password);
  const message = Buffer.alloc(8 + texts.length);
  message.writeUInt32BE(Buffer.byteLength(username), 0);
  message.writeUInt32BE(Buffer.byteLength(password), 4);
  texts.copy(message, 8);
  texts.fill(0);
  return message;
}
