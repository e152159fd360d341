import { BlockList, isIP } from 'node:net';
import { type Address, type HostAddress, parseHost, parseIPv6, parsePort } from './name.ts';

/** What `allow` lets through. Compiled once; pure: it never asks DNS. */
export interface Policy {
  /**
   * Judges an address before anything is looked up: `yes`, `no`, or `ask` for a host name that no
   * rule names but whose addresses may lie in an address rule.
   */
  judge(address: Address): 'yes' | 'no' | 'ask';
  /** Judges one IP address that a host (a literal, or a name already judged) stands for. */
  mayDial(ip: string, asked: HostAddress): boolean;
}

interface PortRange {
  readonly from: number;
  readonly to: number;
}
type Rule = { readonly text: string; readonly ports: PortRange } & (
  | { readonly kind: 'any' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'suffix'; readonly suffix: string }
  | { readonly kind: 'network'; readonly network: BlockList; readonly family: 4 | 6 }
);
interface UnixRule {
  readonly kind: 'unix';
  readonly folder: string;
  readonly file: string;
}

/** VNC's own ports: display 0 to 99 (RFC 6143 section 8.1 registers 5900). */
const VNC_PORTS: PortRange = { from: 5900, to: 5999 };

/**
 * What only a rule that names it can reach: this machine itself, its link, the metadata services of
 * the clouds, groups, and IPv6 forms that hide an IPv4 address (IANA special-purpose registries).
 */
const UNREACHABLE = network(
  '0.0.0.0/8 127.0.0.0/8 169.254.0.0/16 224.0.0.0/4 255.255.255.255/32 ' +
    '100.100.100.200/32 168.63.129.16/32 192.0.0.192/32',
);
const UNREACHABLE_6 = network(
  '::/96 ::1/128 ::ffff:0:0/96 ::ffff:0:0:0/96 64:ff9b::/96 64:ff9b:1::/48 2001::/32 2002::/16 ' +
    'fe80::/10 ff00::/8 fd00:ec2::254/128 fd20:ce::254/128 fd00:42::42/128',
);

/**
 * Compiles the rules of `allow`. Throws a `TypeError` that names the rule and what is wrong with it.
 *
 * A rule is `host[:ports]`: host is a name, `*.suffix`, an IP address, a network in CIDR form (IPv6
 * in brackets where ports follow) or `*`; ports is one port or a range `5900-5910`, by default
 * 5900-5999. `unix:/run/vms/*.sock` is for Unix sockets; `*` and `?` only in its last segment.
 */
export function compilePolicy(rules: readonly string[]): Policy {
  const parsed = rules.map(parseRule);
  const unix = parsed.filter((rule): rule is UnixRule => rule.kind === 'unix');
  const tcp = parsed.filter((rule): rule is Rule => rule.kind !== 'unix');
  const some = (port: number, matches: (rule: Rule) => boolean) =>
    tcp.some((rule) => rule.ports.from <= port && port <= rule.ports.to && matches(rule));

  function judge(address: Address): 'yes' | 'no' | 'ask' {
    if ('path' in address)
      return unix.some((rule) => matchesPath(rule, address.path)) ? 'yes' : 'no';
    const { host, port } = address;
    if (isIP(host)) return mayDial(host, address) ? 'yes' : 'no';
    if (some(port, (rule) => matchesName(rule, host))) return 'yes';
    return some(port, (rule) => rule.kind === 'network') ? 'ask' : 'no';
  }

  function mayDial(ip: string, { host, port }: HostAddress): boolean {
    if (some(port, (rule) => rule.kind === 'network' && inNetwork(rule, ip))) return true;
    const literal = isIP(host) !== 0;
    // `localhost` in so many words means this machine; `*` or `*.example` that lands here does not.
    if (!literal && some(port, (rule) => rule.kind === 'name' && rule.name === host)) return true;
    if (isUnreachable(ip)) return false;
    return some(port, (rule) => rule.kind === 'any' || (!literal && matchesName(rule, host)));
  }

  return { judge, mayDial };
}

function isUnreachable(ip: string): boolean {
  return isIP(ip) === 4 ? UNREACHABLE.check(ip, 'ipv4') : UNREACHABLE_6.check(ip, 'ipv6');
}

function inNetwork(rule: { network: BlockList; family: 4 | 6 }, ip: string): boolean {
  // An IPv4 rule would also match ::ffff:a.b.c.d, which is to be judged as the IPv6 address it is.
  return isIP(ip) === rule.family && rule.network.check(ip, rule.family === 4 ? 'ipv4' : 'ipv6');
}

function matchesName(rule: Rule, host: string): boolean {
  if (rule.kind === 'name') return host === rule.name;
  if (rule.kind === 'suffix') return host.endsWith(rule.suffix) && host !== rule.suffix.slice(1);
  return rule.kind === 'any';
}

function matchesPath(rule: UnixRule, path: string): boolean {
  const slash = path.lastIndexOf('/') + 1;
  return path.slice(0, slash) === rule.folder && matchesGlob(rule.file, path.slice(slash));
}

function parseRule(text: string): Rule | UnixRule {
  if (typeof text !== 'string') throw new TypeError('a rule is a string');
  if (text.startsWith('unix:')) return parseUnixRule(text);
  const match = /^(\[[^\]]*\](?:\/\d+)?|[^:[\]]*)(?::(.*))?$/.exec(text);
  // A bare IPv6 address or network has colons of its own, and so no place for ports.
  const bare = /^([0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*)(\/\d+)?$/i.exec(text);
  const host = bare ? `[${bare[1]}]${bare[2] ?? ''}` : match?.[1];
  if (!host) throw wrong(text, 'a host with optional ports, such as 10.0.0.0/8:5900-5999');
  const ports = bare || match?.[2] === undefined ? VNC_PORTS : parsePorts(match[2], text);
  return { text, ports, ...parseHostRule(host, text) };
}

function parseHostRule(host: string, text: string) {
  if (host === '*') return { kind: 'any' } as const;
  const [base = '', prefix, ...more] = host.split('/');
  if (more.length > 0) throw wrong(text, 'one slash at most');
  const v6 = /^\[(.*)\]$/.exec(base)?.[1];
  if (v6 !== undefined || isIP(base) === 4) {
    const family = v6 === undefined ? 4 : 6;
    const ip = v6 === undefined ? base : parseIPv6(v6);
    const bits = family === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : /^(0|[1-9]\d{0,2})$/.test(prefix) ? +prefix : 999;
    if (ip === null || length > bits)
      throw wrong(text, `an IPv${family} network with /0 to /${bits}`);
    const list = new BlockList();
    list.addSubnet(ip, length, family === 4 ? 'ipv4' : 'ipv6');
    return { kind: 'network', network: list, family } as const;
  }
  if (prefix !== undefined) throw wrong(text, 'an IP address before the slash');
  if (host.startsWith('*.')) {
    const suffix = parseHost(host.slice(2));
    if (suffix === null || isIP(suffix)) throw wrong(text, 'a domain after *.');
    return { kind: 'suffix', suffix: `.${suffix}` } as const;
  }
  const name = parseHost(host);
  if (name === null) throw wrong(text, 'a host name, *.suffix, an IP address, a network or *');
  return { kind: 'name', name } as const;
}

function parsePorts(text: string, rule: string): PortRange {
  const [from, to, ...more] = text.split('-').map(parsePort);
  const range = { from: from ?? 0, to: text.includes('-') ? (to ?? 0) : (from ?? 0) };
  if (more.length > 0 || range.from < 1 || range.to < range.from) {
    throw wrong(rule, 'one port, or a range such as 5900-5999, after the colon');
  }
  return range;
}

function parseUnixRule(text: string): UnixRule {
  const path = text.slice('unix:'.length);
  const slash = path.lastIndexOf('/') + 1;
  const folder = path.slice(0, slash);
  const file = path.slice(slash);
  if (!folder.startsWith('/') || /[*?]/.test(folder) || /\/\.{0,2}\//.test(folder) || file === '') {
    throw wrong(text, 'an absolute path with * and ? in its last segment only');
  }
  return { kind: 'unix', folder, file };
}

/** Matches `*` and `?`. Only the last star is ever gone back to, so no name makes it slow. */
function matchesGlob(glob: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  for (let next = 0; next < text.length; ) {
    if (glob[at] === '*') {
      star = at++;
      retry = next;
    } else if (glob[at] === '?' || (at < glob.length && glob[at] === text[next])) {
      at++;
      next++;
    } else if (star >= 0) {
      at = star + 1;
      next = ++retry;
    } else return false;
  }
  return /^\**$/.test(glob.slice(at));
}

function network(subnets: string): BlockList {
  const list = new BlockList();
  for (const subnet of subnets.split(' ')) {
    const [ip = '', prefix] = subnet.split('/');
    list.addSubnet(ip, Number(prefix), isIP(ip) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

function wrong(rule: string, right: string): TypeError {
  return new TypeError(`${JSON.stringify(rule)} is not a rule: expected ${right}`);
}
