import { ConsoleError } from '../errors.ts';

export interface PageRoute {
  readonly kind: 'page';
  /** The name as the browser sent it, percent-encoded. */
  readonly segment: string;
  /** With a trailing slash, which the canonical address has not. */
  readonly isFolder: boolean;
}

export type Route =
  | PageRoute
  | { readonly kind: 'wall' }
  | { readonly kind: 'action'; readonly id: string }
  | { readonly kind: 'relay' }
  | { readonly kind: 'asset'; readonly file: string };

/** Which of our routes a URL below the mount means; null: none, it is the host's. */
export function routeOf(url: string): Route | null {
  // express-ws appends a segment of its own, so that routes can tell a WebSocket's path.
  const [, first, second, ...more] = pathOf(url)
    .replace(/\/\.websocket$/, '')
    .split('/');
  if (first === '' && second === undefined) return { kind: 'wall' };
  if (!first || more.length > 0) return null;
  if (first === 'proxy' && second === undefined) return { kind: 'relay' };
  if (first === 'assets' && second) return { kind: 'asset', file: second };
  if (first === 'actions' && second) return { kind: 'action', id: second };
  return second ? null : { kind: 'page', segment: first, isFolder: second === '' };
}

/** Says if a request only reads (RFC 9110 section 9.3). */
export function isRead({ method }: { method: string }): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Decodes a name from its path segment. Throws `NAME_INVALID` for broken percent-encoding. */
export function decodeName(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw new ConsoleError('NAME_INVALID', 'broken percent-encoding', error);
  }
}

/**
 * Reads the one `target` of a relay's URL. The app's query parser is not asked: depending on its
 * settings it makes arrays and objects of what a browser sends. Throws `NAME_INVALID`.
 */
export function targetOf(url: string): string {
  const query = url.slice(pathOf(url).length + 1);
  const values = query.split('&').filter((pair) => pair.startsWith('target='));
  const [value, ...others] = values;
  if (value === undefined || others.length > 0) {
    throw new ConsoleError(
      'NAME_INVALID',
      `${values.length} parameters named target: expected one`,
    );
  }
  return decodeName(value.slice('target='.length));
}

function pathOf(url: string): string {
  const question = url.indexOf('?');
  return question < 0 ? url : url.slice(0, question);
}
