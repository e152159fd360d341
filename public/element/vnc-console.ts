import type { ConsoleState, VncConsoleEventMap } from './console-types.ts';

export type {
  ConsoleEnd,
  ConsoleState,
  VncConsoleAttributes,
  VncConsoleEventMap,
} from './console-types.ts';

interface Message {
  readonly source?: unknown;
  readonly version?: unknown;
  readonly event?: unknown;
  readonly [detail: string]: unknown;
}

const NAME = 'express-novnc';
const VERSION = 1;
const SCREENSHOT_TIMEOUT = 10_000;

// A page that is rendered on a server imports this too, where there are no elements.
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

/** `<vnc-console src="/console/vm-42">`: a console of express-novnc, in a frame. */
export class VncConsole extends Base {
  static readonly observedAttributes = ['src', 'title', 'toolbar'];

  #frame: HTMLIFrameElement | undefined;
  #state: ConsoleState = 'connecting';
  #shots = new Map<number, (blob: Blob | null) => void>();
  #shot = 0;

  /** What the console is doing. */
  get state(): ConsoleState {
    return this.#state;
  }
  get src(): string {
    return this.getAttribute('src') ?? '';
  }
  set src(src: string) {
    this.setAttribute('src', src);
  }

  get toolbar(): boolean {
    return this.hasAttribute('toolbar');
  }
  set toolbar(isThere: boolean) {
    this.toggleAttribute('toolbar', isThere);
  }

  /** Ends the session. */
  disconnect(): void {
    this.#post({ command: 'disconnect' });
  }

  /** Opens another session; the end of the one before is no `end`. */
  reconnect(): void {
    this.#post({ command: 'reconnect' });
  }

  /** Gives the keyboard to the console. */
  override focus(): void {
    this.#frame?.focus();
    this.#post({ command: 'focus' });
  }

  /** Presses keys in this order and lets go of them in the other: `['Control', 'Alt', 'Delete']`. */
  sendKeys(keys: readonly string[]): void {
    this.#post({ command: 'sendKeys', keys });
  }

  sendCtrlAltDel(): void {
    this.#post({ command: 'sendCtrlAltDel' });
  }

  /** Puts text into the console's clipboard. */
  paste(text: string): void {
    this.#post({ command: 'paste', text });
  }

  /** Changes a harmless setting of the page, such as `scaling`. */
  set(setting: string, value: unknown): void {
    this.#post({ command: 'set', setting, value });
  }

  /** The remote screen as a PNG. Rejects when there is none to see. */
  screenshot(): Promise<Blob> {
    const id = ++this.#shot;
    return new Promise<Blob>((resolve, reject) => {
      const late = setTimeout(() => this.#shots.get(id)?.(null), SCREENSHOT_TIMEOUT);
      this.#shots.set(id, (blob) => {
        clearTimeout(late);
        this.#shots.delete(id);
        if (blob) resolve(blob);
        else reject(new Error('There is no picture of this console.'));
      });
      this.#post({ command: 'screenshot', id });
    });
  }

  override addEventListener<Name extends keyof VncConsoleEventMap>(
    type: Name,
    listener: (this: VncConsole, event: VncConsoleEventMap[Name]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(...given: [string, never, never]): void {
    super.addEventListener(...given);
  }

  connectedCallback(): void {
    addEventListener('message', this.#onMessage);
    if (!this.shadowRoot) this.#build();
    this.#load();
  }

  disconnectedCallback(): void {
    removeEventListener('message', this.#onMessage);
    for (const answer of this.#shots.values()) answer(null);
    this.#frame?.removeAttribute('src');
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.isConnected || !this.#frame || before === after) return;
    if (name !== 'title') this.#load();
    else this.#frame.title = after ?? '';
  }

  #build(): void {
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    // Neither is what a policy without 'unsafe-inline' forbids.
    const style = new CSSStyleSheet();
    style.replaceSync(
      ':host{display:block;aspect-ratio:4/3}:host([hidden]){display:none}' +
        'iframe{display:block;width:100%;height:100%;border:0}',
    );
    root.adoptedStyleSheets = [style];
    const frame = document.createElement('iframe');
    frame.allow = 'fullscreen; clipboard-read; clipboard-write; keyboard-map';
    root.append(frame);
    this.#frame = frame;
  }

  #load(): void {
    const frame = this.#frame;
    const url = this.#url();
    if (!frame) return;
    frame.title = this.title || 'Console';
    if (url === null) {
      frame.removeAttribute('src');
      return;
    }
    if (!this.toolbar) url.search += `${url.search ? '&' : '?'}embed`;
    this.#tell('state', 'connecting');
    frame.src = url.href;
  }

  #url(): URL | null {
    if (!this.src || !URL.canParse(this.src, this.baseURI)) return null;
    const url = new URL(this.src, this.baseURI);
    return url.protocol.startsWith('http') ? url : null;
  }

  #post(command: object): void {
    const origin = this.#url()?.origin;
    const message = { target: NAME, version: VERSION, ...command };
    if (origin) this.#frame?.contentWindow?.postMessage(message, origin);
  }

  readonly #onMessage = ({ data, origin, source }: MessageEvent<Message | null>): void => {
    if (!source || source !== this.#frame?.contentWindow || origin !== this.#url()?.origin) return;
    if (data?.source !== NAME || data.version !== VERSION) return;
    const { event, state, title, code, reason, width, height, id, blob } = data;
    if (event === 'state') this.#tell(event, state);
    else if (event === 'end') this.#tell(event, { code, reason });
    else if (event === 'resize') this.#tell(event, { width, height });
    else if (event === 'title') this.#tell(event, title);
    else if (event === 'bell') this.#tell(event, null);
    else if (event === 'screenshot') this.#shots.get(id as number)?.(blob as Blob | null);
  };

  #tell(event: string, detail: unknown): void {
    if (event === 'state') this.#state = detail as ConsoleState;
    this.dispatchEvent(new CustomEvent(event, { detail }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'vnc-console': VncConsole;
  }
}

if (globalThis.customElements && !customElements.get('vnc-console')) {
  customElements.define('vnc-console', VncConsole);
}
