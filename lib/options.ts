import type { Request, Response } from 'express';
import type { ConsoleError } from './errors.ts';
import type { KeyCombination } from './key-names.ts';
import type { GuardedLogger, Logger } from './log.ts';
import type { PageSettingName, PageSettings, SettingRule, SettingRules } from './page-settings.ts';
import type { SessionTimeouts } from './session/session.ts';
import type { SessionEnd, SessionInfo } from './session/session-info.ts';
import type { LiveSession, SessionLimits } from './session/sessions.ts';
import type { Lookup } from './target/lookup.ts';
import type { Policy } from './target/policy.ts';
import type { Target } from './target/target.ts';
import type { Action } from './web/actions.ts';
import type { PageView } from './web/page.ts';
import type { Render } from './web/views.ts';
import type { Listing } from './web/wall.ts';

/** What `novnc()` is told. Durations are in milliseconds. */
export interface Options {
  /**
   * Which addresses a name may be: `host[:ports]` with a host name, `*.suffix`, an IP address, a
   * network (`10.0.0.0/8`) or `*`; ports one or a range, 5900-5999 by default; `unix:/dir/*.sock`.
   * @default [] every target is refused
   */
  allow?: readonly string[];
  /**
   * Turns a name into a target with the app's own data. A target opens it and does not pass `allow`;
   * null is 404; undefined lets the name be tried as an address under `allow`.
   */
  resolve?: (
    name: string,
    req: Request,
  ) => Target | null | undefined | Promise<Target | null | undefined>;
  /** Asked last, for the page and for the socket. Exactly `true` lets in, all else is 403. */
  authorize?: (req: Request, target: Target) => boolean | Promise<boolean>;
  /**
   * The consoles to show at the mount itself, for whoever asks. It admits to none of them: each still
   * passes `resolve` or `allow`, and `authorize`. Without it, `GET <mount>` goes on to the app.
   */
  list?: (req: Request) => Listing | Promise<Listing>;
  /** The port of a name that has none. @default 5901 */
  defaultPort?: number;
  /** Origins that may open consoles besides the console's own, such as `https://panel.example`. @default [] */
  origins?: readonly string[];
  /** Refuse WebSockets without an Origin header, which no browser sends. @default false */
  requireOrigin?: boolean;
  /**
   * Host names this server may be addressed by; others get 403. Set it where no login guards the
   * consoles: it stops DNS rebinding, a foreign name that points at this machine.
   * @default any
   */
  allowedHosts?: readonly string[];
  /** Longest waits. */
  timeouts?: {
    /** For the addresses of a name. @default 5000 */
    dns?: number;
    /** For a connection. @default 10000 */
    connect?: number;
    /** For the VNC server's greeting. @default 10000 */
    banner?: number;
    /** For a target with `credentials`, `tls` or rights: for the server's side of the sign-in. @default 10000 */
    handshake?: number;
    /** For a viewer whom such a target asks for credentials. @default 120000 */
    signIn?: number;
    /** For `resolve`, for `authorize`, and for a target's `credentials()`. @default 10000 */
    authorize?: number;
    /** Between pings; a browser that misses two is gone. @default 25000 */
    ping?: number;
    /** For a browser that has stopped reading. @default 60000 */
    stall?: number;
    /** For a viewer who sends nothing, no key, no mouse; 0: without end. @default 0 */
    idle?: number;
    /** For a whole session; 0: without end. @default 0 */
    session?: number;
    /** After an end, for both sides to hang up. @default 1000 */
    close?: number;
    /** For an action of `page.actions` to be done. @default 30000 */
    action?: number;
  };
  /** How much at once; more is 429. */
  limits?: {
    /** Sessions in all. @default 1000 */
    sessions?: number;
    /** Sessions whose VNC server has not greeted yet. @default 64 */
    dials?: number;
    /** Longest message of a browser, in bytes. @default 1048576 */
    maxPayload?: number;
  };
  /** The console page. */
  page?: {
    /** Its title, given the target's label, or the name. @default the label, or the name */
    title?: string | ((label: string, req: Request) => string);
    /** An EJS file in place of ours, or a function that returns the HTML. */
    view?: string | ((page: PageView, req: Request, res: Response) => string | Promise<string>);
    /**
     * A folder whose EJS files take the place of ours by name, such as `toolbar.ejs`; all others stay
     * ours. Theirs may include any of ours: `include('icons')`, and `include('ours/toolbar')` for the
     * one that they replace.
     */
    views?: string;
    /**
     * Which pages may show a console in a frame, and talk to it, besides the app's own.
     * @default { origins: [] }
     */
    embed?: { origins?: readonly string[] };
    /** Buttons of the host's, in the toolbar. @default [] */
    actions?: readonly Action[];
    /** Key combinations of the host's, in the panel of keys. @default [] */
    keys?: readonly KeyCombination[];
    /** Headers that replace ours by name; null leaves ours out. @default a strict policy, see README */
    headers?: Readonly<Record<string, string | null>>;
    /**
     * Settings of the page, each by its name: a value in place of our default, or
     * `{ value, force, hide }` to keep the viewer from changing it, and to leave out its control.
     * @default {} the viewer chooses
     */
    settings?: {
      readonly [Name in PageSettingName]?: PageSettings[Name] | SettingRule<PageSettings[Name]>;
    };
  };
  /** Told of what happens; what these throw is logged. */
  on?: {
    /** The VNC server has greeted: a console is live. */
    open?: (session: LiveSession) => void;
    /** A session that was accepted has ended, live or not. */
    close?: (session: SessionInfo, end: SessionEnd) => void;
    /** A page or socket was refused before a session began. */
    refuse?: (error: ConsoleError, req: Request) => void;
  };
  /** A pino logger, `console`, or anything like them. @default warnings and errors on the console */
  logger?: Logger;
}

/** Options, complete and checked. */
export interface Settings {
  readonly policy: Policy;
  readonly resolve: Options['resolve'];
  readonly authorize: Options['authorize'];
  readonly list: Options['list'];
  readonly defaultPort: number;
  readonly origins: readonly string[];
  readonly requireOrigin: boolean;
  readonly allowedHosts: readonly string[] | null;
  readonly timeouts: SessionTimeouts & { readonly action: number };
  readonly limits: SessionLimits & { readonly maxPayload: number };
  readonly page: Omit<NonNullable<Options['page']>, 'settings' | 'views'> & {
    readonly settings: SettingRules;
    /** Our views, and the host's in place of some. */
    readonly render: Render;
    readonly embed: { readonly origins: readonly string[] };
    readonly actions: readonly Action[];
    readonly keys: readonly KeyCombination[];
  };
  readonly on: NonNullable<Options['on']>;
  readonly log: GuardedLogger;
  readonly lookup: Lookup;
}
