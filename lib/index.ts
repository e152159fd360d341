export { ConsoleError, type ConsoleErrorCode } from './errors.ts';
export type { KeyCombination } from './key-names.ts';
export type { Logger } from './log.ts';
// The second name makes `const novnc = require('express-novnc')` give the function itself.
export { type Consoles, novnc, novnc as 'module.exports' } from './novnc.ts';
export type { Options } from './options.ts';
export type { Credentials } from './rfb/login/credentials.ts';
export type { Rights } from './rfb/rights.ts';
export type { SessionEnd, SessionInfo } from './session/session-info.ts';
export type { LiveSession } from './session/sessions.ts';
export type { TlsSettings } from './target/certificate.ts';
export type { Custody, Target } from './target/target.ts';
export type { Action } from './web/actions.ts';
export type { PageView } from './web/page.ts';
export type { ListedConsole, Listing } from './web/wall.ts';
