export { ConsoleError, type ConsoleErrorCode } from './errors.ts';
export type { KeyCombination } from './key-names.ts';
export type { Logger } from './log.ts';
// The second name makes `const novnc = require('express-novnc')` give the function itself.
export { type Consoles, novnc, novnc as 'module.exports' } from './novnc.ts';
export type { Options } from './options.ts';
export type { SessionEnd, SessionInfo } from './session/session.ts';
export type { Target } from './target/target.ts';
export type { Action } from './web/actions.ts';
export type { PageView } from './web/page.ts';
export type { ListedConsole, Listing } from './web/wall.ts';
