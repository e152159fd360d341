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
    /** The desktop rings. */
    bell: Record<string, never>;
    capabilities: { capabilities: { power: boolean } };
    /** Part of the remote screen does not fit in, or all does again. */
    clippingviewport: boolean;
    /** These are not noVNC's but the Desktop's. */
    powerfailed: null;
    resize: { width: number; height: number };
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
    /** Cuts the remote screen to the element it is in, if that is smaller. */
    clipViewport: boolean;
    readonly clippingViewport: boolean;
    /** The pointer moves what is seen of the remote screen, while that is cut. */
    dragViewport: boolean;
    /** Asks the server for a screen of the element's size, whenever that changes. */
    resizeSession: boolean;
    viewOnly: boolean;
    showDotCursor: boolean;
    /** 0 to 9; a change while connected is told to the server. */
    qualityLevel: number;
    compressionLevel: number;
    /** `power`: the machine can be turned off, and so on. */
    readonly capabilities: { readonly power: boolean };

    /** Sends no keys and no mouse. */
    viewOnly: boolean;

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
    machineReboot(): void;
    machineReset(): void;
    machineShutdown(): void;
    toBlob(callback: (blob: Blob | null) => void, type?: string, quality?: number): void;
    /** Presses a key or lets go of it; without `down`, both. Does nothing in view-only mode. */
    sendKey(keysym: number | null, code: string | null, down?: boolean): void;
    /** Takes the keyboard whenever the screen is clicked. */
    focusOnClick: boolean;

    static readonly messages: {
      clientEncodings(socket: unknown, encodings: readonly number[]): void;
      clientFence(socket: unknown, flags: number, payload: string): void;
      fbUpdateRequest(
        socket: unknown,
        incremental: boolean,
        x: number,
        y: number,
        width: number,
        height: number,
      ): void;
    };

    protected readonly _sock: {
      /** Says if so many bytes are not there yet; goes back by some if so. */
      rQwait(what: string, bytes: number, goBack?: number): boolean;
      rQpeekBytes(bytes: number): Uint8Array;
      rQskipBytes(bytes: number): void;
    };
    protected readonly _display: { scale: number; pending(): boolean };
    /** What reads each encoding. */
    protected readonly _decoders: Record<number, unknown>;
    /** noVNC's own element in the target, the canvas within. */
    protected readonly _screen: HTMLElement;
    protected readonly _rfbVersion: number;
    protected readonly _supportsSetDesktopSize: boolean;
    /** The server has sent a Fence, and so takes them. */
    protected readonly _supportsFence: boolean;
    /** The rectangle that is being read. */
    protected readonly _FBU: {
      readonly encoding: number;
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
    };
    /** The room for the remote screen. */
    protected _screenSize(): { w: number; h: number };
    protected _updateScale(): void;
    /** Has the browser find out anew whether the element of the screen needs scroll bars. */
    protected _fixScrollbars(): void;
    /** Reads the remote screen's new size, or that the server does not take the one we asked for. */
    protected _handleExtendedDesktopSize(): boolean;
    /** Reads one rectangle of an update; true when it is whole. */
    protected _handleRect(): boolean;
    protected _handleXvpMsg(): boolean;
    /** Reads what is behind the type of a Fence, and answers it. */
    protected _handleServerFenceMsg(): boolean;
    protected readonly _fbWidth: number;
    protected readonly _fbHeight: number;
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
    /** Reads what the server tells of its screen, and asks for all of it; true when that is whole. */
    protected _negotiateServerInit(): boolean;
    /** Takes one step of the handshake. */
    protected _initMsg(): boolean | undefined;
    /** Ends the connection; only this function is told why. */
    protected _fail(details: string): false;
    /** Takes everything down again, and the screen out of the page. */
    protected _disconnect(): void;
    /** Reads and draws what it can of an update; true when it is whole. */
    protected _framebufferUpdate(): boolean;
    /** Reads the own keyboard, and lets go of all its keys when it stops to. */
    protected readonly _keyboard: { grab(): void; ungrab(): void };
    /** The buttons of the mouse that are down, by bit, and where it was moved to last. */
    protected readonly _mouseButtonMask: number;
    protected readonly _mousePos: { readonly x: number; readonly y: number };
    /** Sends the mouse with those buttons down. */
    protected _handleMouseButton(x: number, y: number, mask: number): void;
    /** Sends a key, after a lock that is known to be on and should not be, or the other way round. */
    protected _handleKeyEvent(
      keysym: number,
      code: string,
      down: boolean,
      numLock?: boolean | null,
      capsLock?: boolean | null,
    ): void;
    /** What the server's clipboard takes; nothing when it knows the simple one only. */
    protected readonly _clipboardServerCapabilitiesFormats: Readonly<Record<number, boolean>>;
    protected readonly _clipboardServerCapabilitiesActions: Readonly<Record<number, boolean>>;
    /** The remote screen has another size. */
    protected _resize(width: number, height: number): void;
  }
}

declare module '@novnc/novnc/core/util/browser.js' {
  /** Finds out, once, whether this browser decodes H.264; noVNC offers it from then on. Some never answer. */
  export function probeH264(): Promise<boolean>;
}

declare module '@novnc/novnc/core/decoders/tight.js' {
  export interface NoVncDisplay {
    /** Draws what is in an array, four bytes a pixel, before it returns or from a copy. */
    blitImage(
      x: number,
      y: number,
      width: number,
      height: number,
      pixels: Uint8Array,
      offset: number,
      fromQueue: boolean,
    ): void;
  }

  /** What a rectangle of few colours is drawn from, and on. */
  export type NoVncTightRectangle = [
    x: number,
    y: number,
    width: number,
    height: number,
    data: Uint8Array,
    palette: Uint8Array,
    display: NoVncDisplay,
  ];

  export default class TightDecoder {
    /** How many colours the rectangle has that is being read. */
    protected readonly _numColors: number;
    /** A rectangle of two colours, and one of up to 256. */
    protected _monoRect(...rectangle: NoVncTightRectangle): void;
    protected _paletteRect(...rectangle: NoVncTightRectangle): void;
    /** An array of at least so many bytes, which is used again. */
    protected _getScratchBuffer(size: number): Uint8Array<ArrayBuffer>;
  }
}

declare module '@novnc/novnc/core/input/keysymdef.js' {
  const keysyms: {
    /** The X keysym of a character. */
    lookup(codePoint: number): number;
  };
  export default keysyms;
}
