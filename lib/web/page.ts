import ejs from 'ejs';
import type { Request, Response } from 'express';
import type { ConsoleError } from '../errors.ts';
import type { KeyCombination } from '../key-names.ts';
import type { Settings } from '../options.ts';
import type { SettingRules } from '../page-settings.ts';
import type { Rights } from '../rfb/rights.ts';
import type { Action } from './actions.ts';
import type { Manifest } from './assets.ts';
import { dictionaryFor } from './dictionary.ts';
import type { WallGroup } from './wall.ts';

/** What a view is given, as `page`. All file names are relative to `assets/` beside the page. */
export interface PageView {
  readonly title: string;
  /** Where the script opens the WebSocket: relative to the page, with no leading slash. */
  readonly relay: string;
  readonly script: string;
  readonly style: string;
  /** A small script, to be run as soon as it is there: it opens the WebSocket, and `script` goes on. */
  readonly first: string;
  /** Further scripts that `script` needs at once. */
  readonly preload: readonly string[];
  /** The icon for a phone's home screen, in PNG. */
  readonly icon: string;
  /** The words of the language that the page will most likely be read in, unless that is English. */
  readonly dictionary: string | undefined;
  /** What the host decides about settings of the page, as JSON. */
  readonly settings: string;
  /** The origins whose pages may talk to this one from around its frame, separated by spaces. */
  readonly embedders: string;
  /** Which way the viewer may copy text. */
  readonly clipboard: Rights['clipboard'];
  /** The page is asked for with `?embed`: nothing around the screen is to show. */
  readonly embedded: boolean;
  /** Buttons of the host's. */
  readonly actions: readonly Omit<Action, 'run'>[];
  /** Key combinations of the host's. */
  readonly keys: readonly KeyCombination[];
  /** For `nonce` attributes, when the host has set `res.locals.cspNonce`. */
  readonly nonce: string | undefined;
}

/** Sends the console page for one name. */
export async function sendPage(
  req: Request,
  res: Response,
  settings: Settings,
  manifest: Manifest,
  console: { readonly name: string; readonly label: string; readonly rights: Rights },
): Promise<void> {
  const { title, view, settings: rules, embed, actions, keys, render } = settings.page;
  const { script, style, first, preload, icon } = manifest;
  const page: PageView = {
    title: typeof title === 'function' ? title(console.label, req) : (title ?? console.label),
    relay: `proxy?target=${encodeURIComponent(console.name)}`,
    script,
    style,
    first,
    preload,
    icon,
    dictionary: dictionaryFor(req, rules, manifest),
    settings: JSON.stringify(held(rules, console.rights)),
    embedders: embed.origins.join(' '),
    clipboard: console.rights.clipboard,
    embedded: isEmbedded(req),
    actions,
    keys,
    nonce: nonceOf(res),
  };
  const html =
    typeof view === 'function'
      ? await view(page, req, res)
      : view === undefined
        ? render('console', page)
        : await renderOwn(view, page);
  send(req, res, 200, settings, html);
}

/** What the relay holds a viewer to anyway, the page does not offer. */
function held(rules: SettingRules, { viewOnly, shared }: Rights): SettingRules {
  const forced = { value: true, force: true };
  return { ...rules, ...(viewOnly && { viewOnly: forced }), ...(shared && { shared: forced }) };
}

/** Sends a page that says why there is no console. */
export async function sendRefusal(
  req: Request,
  res: Response,
  settings: Settings,
  manifest: Manifest,
  { status, words, closeCode: code }: ConsoleError,
): Promise<void> {
  const page = {
    title: words,
    words,
    status,
    code,
    style: manifest.style,
    script: manifest.refused,
    dictionary: dictionaryFor(req, settings.page.settings, manifest),
    settings: JSON.stringify(settings.page.settings),
    embedders: settings.page.embed.origins.join(' '),
    embedded: isEmbedded(req),
    nonce: nonceOf(res),
  };
  send(req, res, status, settings, settings.page.render('refusal', page));
}

/** Sends the page of all consoles that `list` named. */
export function sendWall(
  req: Request,
  res: Response,
  settings: Settings,
  manifest: Manifest,
  groups: readonly WallGroup[],
): void {
  const count = groups.reduce((sum, { cards }) => sum + cards.length, 0);
  const { settings: rules, render } = settings.page;
  const page = {
    ...manifest.wall,
    icon: manifest.icon,
    dictionary: dictionaryFor(req, rules, manifest),
    settings: JSON.stringify(rules),
    groups,
    count,
    nonce: nonceOf(res),
  };
  send(req, res, 200, settings, render('wall', page));
}

function send(req: Request, res: Response, status: number, settings: Settings, html: string): void {
  if (res.headersSent) return; // a view of the host's own may have answered by itself
  res.status(status);
  setPageHeaders(res, settings);
  res.type('html');
  res.end(req.method === 'HEAD' ? undefined : html);
}

/** Sets what guards a page: what it may load, who may frame it, and that nothing is kept of it. */
function setPageHeaders(res: Response, settings: Settings): void {
  const nonce = nonceOf(res);
  const source = nonce === undefined ? "'self'" : `'self' 'nonce-${nonce}'`;
  const embedders = settings.page.embed.origins;
  const ancestors = ["'self'", ...embedders].join(' ');
  const headers: Record<string, string> = {
    'Content-Security-Policy':
      `default-src 'none'; script-src ${source}; style-src ${source}; img-src 'self' data:; ` +
      `font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors ${ancestors}; ` +
      "require-trusted-types-for 'script'; trusted-types 'none'",
    'X-Content-Type-Options': 'nosniff',
    ...(embedders.length === 0 && { 'X-Frame-Options': 'SAMEORIGIN' }), // which knows no other origin
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  };
  const own = Object.entries(settings.page.headers ?? {});
  const replaced = new Set(own.map(([name]) => name.toLowerCase()));
  const ours = Object.entries(headers).filter(([name]) => !replaced.has(name.toLowerCase()));
  for (const [name, value] of [...ours, ...own]) {
    if (value !== null) res.setHeader(name, value); // null: what the host has set stays
  }
}

/** Helmet's own name for it; only what can stand in a header and an attribute. */
function nonceOf(res: Response): string | undefined {
  const nonce: unknown = res.locals.cspNonce;
  return typeof nonce === 'string' && /^[A-Za-z0-9+/_=-]+$/.test(nonce) ? nonce : undefined;
}

/** The one word of a query that a page knows. */
export function isEmbedded({ url }: Pick<Request, 'url'>): boolean {
  return /[?&]embed(=|&|$)/.test(url);
}

/** Renders a view of the host's own as ours are: see `views.ts` for what `strict` keeps away. */
function renderOwn(view: string, page: object): Promise<string> {
  return ejs.renderFile(view, { ...page }, { strict: true, localsName: 'page', cache: true });
}
