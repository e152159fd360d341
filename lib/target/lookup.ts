import { Resolver, lookup as systemLookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

/** Finds the IP addresses of a host name, in the order to try them; empty or rejecting when none. */
export type Lookup = (host: string, timeout: number) => Promise<string[]>;

const HOSTS_FILE =
  process.platform === 'win32'
    ? `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32\\drivers\\etc\\hosts`
    : '/etc/hosts';

/** The one lookup by the system that may be under way, see below. */
type Turn = { last: Promise<unknown> };

/**
 * Makes a lookup that never takes the host app's DNS away. libuv runs two `getaddrinfo` at a time for
 * the whole process, so a few names whose servers are silent would delay everyone by half a minute.
 * So: the hosts file, then c-ares, which needs no thread and keeps a time limit; the system is asked
 * last (search domains, mDNS), one name at a time.
 */
export function createLookup(): Lookup {
  const turn: Turn = { last: Promise.resolve() };
  return async function lookup(host, timeout) {
    const deadline = performance.now() + timeout;
    if (host === 'localhost' || host.endsWith('.localhost')) return ['127.0.0.1', '::1']; // RFC 6761
    const pinned = await readHostsFile(host);
    if (pinned.length > 0) return pinned;
    const resolver = new Resolver({ timeout: Math.ceil(timeout / 2), tries: 2 });
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found = [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found;
    for (const answer of [v4, v6]) {
      if (answer.status === 'rejected' && answer.reason?.code === 'ETIMEOUT') throw answer.reason;
    }
    return askSystem(host, turn, deadline);
  };
}

/** Whoever has waited for too long leaves the queue: else a few slow names would hold up all later ones. */
async function askSystem(host: string, turn: Turn, deadline: number): Promise<string[]> {
  const answer = turn.last.then(() => {
    if (performance.now() < deadline) return systemLookup(host, { all: true });
    throw Object.assign(new Error(`the system was not asked for ${host} in time`), {
      code: 'ETIMEOUT',
    });
  });
  turn.last = answer.catch(() => {});
  return (await answer).map(({ address }) => address);
}

async function readHostsFile(host: string): Promise<string[]> {
  const text = await readFile(HOSTS_FILE, 'utf8').catch(() => '');
  const found: string[] = [];
  for (const line of text.split('\n')) {
    const [ip = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (isIP(ip) && names.some((name) => name.toLowerCase() === host)) found.push(ip);
  }
  return found;
}
