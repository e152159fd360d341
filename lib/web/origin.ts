/** What a handshake says about the page that opens it. */
export interface Handshake {
  /** The Origin header; Node joins doubled ones with a comma. */
  readonly origin: string | undefined;
  /** Host and port as the browser addressed them: `Host`, or what a trusted proxy says it was. */
  readonly host: string | undefined;
  /** The browser is known to have come over TLS, to us or to a trusted proxy. */
  readonly secure: boolean;
  /** The Sec-Fetch-Site header (Fetch Metadata), where the browser sends it. */
  readonly fetchSite: string | undefined;
}

export interface OriginRules {
  /** Origins let in besides the console's own, canonical: `https://panel.example`. */
  readonly origins: readonly string[];
  /** Refuse handshakes without an Origin, which no browser sends. */
  readonly requireOrigin: boolean;
}

/**
 * Says why a page may not open a console here (RFC 6455 section 10.2), or null when it may: it is
 * of the same host and port as the request, or listed. A page from `http:` may not open a console
 * that is reached by `https:`; the other way round, a proxy has ended TLS before us.
 */
export function originFault(handshake: Handshake, rules: OriginRules): string | null {
  const { origin, host, secure, fetchSite } = handshake;
  if (origin === undefined) {
    return rules.requireOrigin ? 'no Origin header, and requireOrigin is set' : null;
  }
  const scheme = secure ? 'https' : 'http';
  const isSame = origin === `${scheme}://${host}` && isPlain(origin);
  if (isSame && fetchSite !== 'cross-site') return null; // nearly every handshake
  const canonical = parseOrigin(origin);
  if (canonical === null) return `the Origin ${JSON.stringify(origin)} is not one`;
  if (rules.origins.includes(canonical)) return null;
  if (fetchSite === 'cross-site') return 'the browser says that the page is of another site';
  const { protocol } = new URL(canonical);
  if (secure && protocol !== 'https:') return 'an http: page may not open an https: console';
  if (host !== undefined && parseOrigin(`${protocol}//${host}`) === canonical) return null;
  return (
    `the Origin ${canonical} is not of the Host ${JSON.stringify(host ?? '')}: list it in origins, ` +
    `or, behind a proxy, let it pass Host on, or set Express's "trust proxy" and X-Forwarded-Host`
  );
}

/** An http(s) origin in its one spelling, or null: no path, no user, no second origin. */
export function parseOrigin(text: string): string | null {
  const lower = text.toLowerCase();
  if (!/^https?:\/\/[^/?#@\\,\s]+$/.test(lower) || !URL.canParse(lower)) return null;
  const { origin, protocol, hostname } = new URL(lower);
  // What the URL parser had to mend (127.1, a soft hyphen) is not how a browser spells its origin.
  const mended = !lower.startsWith(`${protocol}//${hostname}`);
  return mended ? null : origin;
}

/** Says without a URL parser that a text is an origin: most are, and this is asked every time. */
function isPlain(origin: string): boolean {
  return /^https?:\/\/[a-z0-9.-]+(:[1-9]\d*)?$/.test(origin);
}

/** The host name (no port, no brackets) of a Host header in lower case, or null. */
export function hostnameOf(host: string | undefined): string | null {
  const origin = host === undefined ? null : parseOrigin(`http://${host}`);
  return origin === null ? null : new URL(origin).hostname.replace(/^\[|\]$/g, '');
}
