import type { AnyAuthMethod, utils } from 'ssh2';

/** What proves who we are to an SSH host. */
export interface SshLogin {
  readonly username: string;
  readonly password?: string;
  /**
   * A private key in OpenSSH's or PEM form, and what it is encrypted with. To decrypt it takes half a
   * second of the event loop, once for each call of `ssh`.
   */
  readonly privateKey?: string | Buffer;
  readonly passphrase?: string;
  /** The Unix socket of an SSH agent, such as `process.env.SSH_AUTH_SOCK`. */
  readonly agent?: string;
}

/**
 * Makes the ways to log in, in the order to try them. Throws when the key cannot be read.
 *
 * @internal Its types are of a package that not everybody has.
 */
export function loginMethods(
  { parseKey }: typeof utils,
  { username, password, privateKey, passphrase, agent }: SshLogin,
): AnyAuthMethod[] {
  const methods: AnyAuthMethod[] = [];
  if (privateKey !== undefined) {
    const key = parseKey(privateKey, passphrase);
    if (key instanceof Error) throw new Error(`privateKey cannot be read: ${key.message}`);
    if (!key.isPrivateKey()) throw new Error('privateKey is a public one');
    methods.push({ type: 'publickey', username, key });
  }
  if (agent !== undefined) methods.push({ type: 'agent', username, agent });
  if (password !== undefined) {
    methods.push({ type: 'password', username, password });
    methods.push({
      type: 'keyboard-interactive', // as PAM and ESXi ask for it
      username,
      prompt: (_name, _words, _language, prompts, answer) => {
        // What is shown while it is typed is no password.
        answer(prompts.map(({ echo }) => (echo ? '' : password)));
      },
    });
  }
  return methods;
}
