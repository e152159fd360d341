/** noVNC, as far as this page uses it. Its names with an underscore are private: the version is pinned. */
declare module '@novnc/novnc' {
  /** What a VNC server may ask of a person. */
  export interface NoVncCredentials {
    username?: string;
    password?: string;
    /** The machine behind an XVP server. */
    target?: string;
  }

  /** The events of an RFB object, with their details. */
  export interface NoVncEvents {
    /** The handshake is done, and the size of the screen known. */
    connect: Record<string, never>;
    /** For ever; `clean` does not tell much, see Channel. */
    disconnect: { clean: boolean };
    credentialsrequired: { types: (keyof NoVncCredentials)[] };
    securityfailure: { status: number; reason?: string };
    serververification: { type: 'RSA'; publickey: Uint8Array<ArrayBuffer> };
    /** Comes before `connect`, and again when the name changes. */
    desktopname: { name: string };
    clipboard: { text: string };
  }

  /** What noVNC takes in place of a WebSocket: these names, on the object or its prototype. */
  export interface NoVncChannel {
    binaryType: BinaryType;
    readonly protocol: string;
    readonly readyState: number;
    onopen: ((event: Event) => void) | null;
    onmessage: ((event: MessageEvent<ArrayBuffer>) => void) | null;
    onerror: ((event: Event) => void) | null;
    onclose: ((event: CloseEvent) => void) | null;
    send(bytes: Uint8Array<ArrayBuffer>): void;
    close(): void;
  }

  /** One connection to one VNC server, from construction until `disconnect`. */
  export default class RFB {
    constructor(
      screen: HTMLElement,
      channel: NoVncChannel,
      options?: { shared?: boolean; credentials?: NoVncCredentials },
    );
    /** Any CSS colour: what is around the remote screen. */
    background: string;
    /** Scales the remote screen to the element it is in: down, and up without limit. */
    scaleViewport: boolean;

    // Not a DOM event target: it takes no options.
    addEventListener<Name extends keyof NoVncEvents>(
      name: Name,
      listener: (event: CustomEvent<NoVncEvents[Name]>) => void,
    ): void;
    dispatchEvent(event: CustomEvent): boolean;

    approveServer(): void;
    clipboardPasteFrom(text: string): void;
    disconnect(): void;
    focus(options?: FocusOptions): void;
    sendCredentials(credentials: NoVncCredentials): void;
    sendCtrlAltDel(): void;

    protected readonly _canvas: HTMLCanvasElement;
    protected readonly _target: HTMLElement;
    /** The step of the handshake that comes next. */
    protected readonly _rfbInitState: string;
    /** The security type that was agreed on; 1 is None. */
    protected readonly _rfbAuthScheme: number;
    protected readonly _rfbConnectionState: string;
    /** Tells the server what may be sent; again whenever that changes. */
    protected _sendEncodings(): void;
    /** Takes what has arrived; throws when a rectangle makes no sense. */
    protected _handleMessage(): void;
    /** Takes one step of the handshake. */
    protected _initMsg(): boolean | undefined;
    /** Ends the connection; only this function is told why. */
    protected _fail(details: string): false;
    /** Takes everything down again, and the screen out of the page. */
    protected _disconnect(): void;
    /** Reads and draws what it can of an update; true when it is whole. */
    protected _framebufferUpdate(): boolean;
    /** The remote screen has another size. */
    protected _resize(width: number, height: number): void;
  }
}

declare module '@novnc/novnc/core/util/browser.js' {
  /** Finds out whether this browser decodes H.264, in half a second at most; noVNC offers it from then on. */
  export function probeH264(): Promise<boolean>;
}
