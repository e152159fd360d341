/** What `allow` lets the address field open: every port of this machine. */
export const LOCAL_ADDRESSES = ['localhost:1-65535', '127.0.0.1:1-65535', '[::1]:1-65535'];

const DEFAULT_PORT = '5901';

/**
 * Reads what somebody typed as a VNC server of this machine: `localhost:5901`, a host alone, or a
 * port alone. Null: it is none.
 */
export function consoleOf(typed: string): string | null {
  const match = /^(?:(localhost|127\.0\.0\.1|\[::1\])(?::|$))?([1-9]\d{0,4})?$/i.exec(typed);
  if (!match || typed.endsWith(':')) return null;
  const [, host = 'localhost', port = DEFAULT_PORT] = match;
  return typed !== '' && Number(port) <= 65535 ? `${host.toLowerCase()}:${port}` : null;
}
