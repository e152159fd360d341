import { ConsoleError } from '../../errors.ts';
import { type Credentials, HiddenCredentials } from './credentials.ts';

/** Where credentials come from: the target itself, or a function that fetches them when they are needed. */
export type CredentialSource = Credentials | Vault;

/** The signal aborts when the viewer leaves or the time is up. */
type Vault = (signal: AbortSignal) => Credentials | Promise<Credentials>;

const LATE = Symbol('late');

/**
 * Gets the credentials of a target, once and within so many milliseconds. A vault is told when that
 * time is up, or when `over` says that nobody waits for it any more. Rejects with a ConsoleError that
 * says what was wrong and never a value; nor what a failing function threw, as that may quote what it
 * had fetched.
 */
export async function askVault(
  source: CredentialSource,
  timeout: number,
  over: AbortSignal,
): Promise<Credentials> {
  const answer = typeof source === 'function' ? await call(source, timeout, over) : source;
  try {
    return checked(answer);
  } catch (error) {
    throw error instanceof ConsoleError ? error : fault(`could not be read: ${nameOf(error)}`);
  }
}

async function call(source: Vault, timeout: number, over: AbortSignal): Promise<unknown> {
  const expiry = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    // A session that is over meanwhile waits for nothing, and neither shall the process.
    timer = setTimeout(resolve, timeout, LATE).unref();
  });
  try {
    const answer = await Promise.race([source(AbortSignal.any([over, expiry.signal])), late]);
    if (answer !== LATE) return answer;
  } catch (error) {
    throw fault(`failed: ${nameOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
  const error = fault(`did not answer within ${timeout} ms`);
  expiry.abort(error);
  throw error;
}

function checked(answer: unknown): Credentials {
  if (typeof answer !== 'object' || answer === null) {
    throw fault(`must be an object, not ${kindOf(answer)}`);
  }
  const { username, password } = answer as Record<string, unknown>;
  return new HiddenCredentials({
    username: text('username', username),
    password: text('password', password),
  });
}

function text(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') {
    // Two of the ways of signing in end a text at a NUL.
    if (value?.includes('\0')) throw fault(`have a ${name} with a NUL character in it`);
    return value;
  }
  throw fault(`have a ${name} that is no string but ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

function fault(what: string): ConsoleError {
  return new ConsoleError('INTERNAL', `the credentials of the target ${what}`);
}

/** The kind of an error, and its code: what is the same whatever its message quotes. */
function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'something that is no error was thrown';
  const { code } = thrown as { code?: unknown };
  const isPlain = typeof code === 'string' && /^[A-Z][A-Z\d_]{0,63}$/.test(code);
  return isPlain ? `${thrown.constructor.name} ${code}` : thrown.constructor.name;
}
