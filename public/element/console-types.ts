/** What a console is doing. */
export type ConsoleState =
  | 'connecting'
  | 'securing'
  | 'signing-in'
  | 'connected'
  | 'waiting'
  | 'ended';

/** How a session ended: a WebSocket close code, or what made the page end it. */
export interface ConsoleEnd {
  readonly code: number | string;
  readonly reason: string;
}

/** The events of the element, each a `CustomEvent` with this detail. */
export interface VncConsoleEventMap {
  state: CustomEvent<ConsoleState>;
  end: CustomEvent<ConsoleEnd>;
  resize: CustomEvent<{ readonly width: number; readonly height: number }>;
  title: CustomEvent<string>;
  bell: CustomEvent<null>;
}

/**
 * The attributes of the element, for templates that are type-checked. For React:
 * `declare module 'react' { namespace JSX { interface IntrinsicElements {
 * 'vnc-console': VncConsoleAttributes & React.HTMLAttributes<HTMLElement> } } }`
 */
export interface VncConsoleAttributes {
  /** The console's page, such as `/console/vm-42`. */
  src?: string;
  /** The name of the frame for those who cannot see it. */
  title?: string;
  /** Shows the console's own toolbar. */
  toolbar?: boolean | '';
}
