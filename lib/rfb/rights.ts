/** What a viewer may do, whatever the browser sends. */
export interface Rights {
  /** No key, pointer, clipboard, power or size of the browser's reaches the server. */
  readonly viewOnly: boolean;
  /** Which way copied text may go. */
  readonly clipboard: 'both' | 'to-server' | 'to-browser' | 'none';
  /** Never asks the server to put others out. */
  readonly shared: boolean;
  /** May change the size of the desktop. */
  readonly resize: boolean;
  /** May turn the machine off, or start it anew. */
  readonly power: boolean;
}

/** Says if the browser may change the size of the desktop. */
export function mayResize({ viewOnly, resize }: Rights): boolean {
  return resize && !viewOnly;
}

/** Says if what is copied in the browser may go to the server. */
export function mayPaste({ viewOnly, clipboard }: Rights): boolean {
  return !viewOnly && (clipboard === 'both' || clipboard === 'to-server');
}

/** Says if what is copied on the server may go to the browser. */
export function mayCopy({ clipboard }: Rights): boolean {
  return clipboard === 'both' || clipboard === 'to-browser';
}
