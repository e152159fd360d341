import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Desktop } from './desktop/desktop.ts';
import type { Surface } from './drawing/surface.ts';
import { type PowerAction, Viewer, type ViewerHooks } from './rfb/viewer.ts';

export interface VncServerOptions {
  /** The TCP port; 0 takes a free one. */
  port: number;
  host: string;
  /** The desktop's name. */
  name?: string;
  /** Viewers need it to come in; without, everybody may. VNC looks at eight bytes of it. */
  password?: string | undefined;
  width?: number;
  height?: number;
  /** Keeps the desktop from moving by itself. */
  still?: boolean;
}

/** What viewers do. A viewer is a number that no other viewer of this server ever has. */
export interface VncServerEvents {
  join: [{ viewer: number; shared: boolean }];
  /** Tells of those too who left before they joined, with a wrong password for one. */
  leave: [{ viewer: number; reason: string }];
  key: [{ viewer: number; keysym: number; down: boolean }];
  pointer: [{ viewer: number; x: number; y: number; buttons: number }];
  cutText: [{ viewer: number; text: string }];
  power: [{ viewer: number; action: PowerAction }];
  resize: [{ width: number; height: number }];
}

/** Starts a VNC server with a desktop of its own. */
export async function startVncServer(options: VncServerOptions): Promise<VncServer> {
  const server = new VncServer(options);
  await server.listen(options.port, options.host);
  return server;
}

/** A VNC server that draws its own little desktop, shared by all its viewers. */
export class VncServer extends EventEmitter<VncServerEvents> {
  /** The port it listens on, or 0 before that. */
  port = 0;
  readonly #desktop: Desktop;
  readonly #password: string | undefined;
  readonly #listener: Server;
  /** Everybody connected, and those of them who see the desktop. */
  readonly #sessions = new Map<Viewer, Promise<void>>();
  readonly #joined = new Set<Viewer>();
  #lastId = 0;

  constructor(options: Omit<VncServerOptions, 'port' | 'host'>) {
    super();
    const { name = 'Demo desktop', width = 1024, height = 768, still = false } = options;
    this.#password = options.password;
    this.#desktop = new Desktop({ name, width, height, still });
    this.#desktop.on('bell', () => this.ringBell());
    this.#desktop.on('cutText', (text) => this.sendCutText(text));
    this.#desktop.on('resize', () => {
      this.emit('resize', { width: this.picture.width, height: this.picture.height });
    });
    this.#listener = createServer((socket) => this.#onConnection(socket));
  }

  /** What the desktop looks like now. */
  get picture(): Surface {
    return this.#desktop.picture;
  }

  get viewers(): number[] {
    return [...this.#joined].map(({ id }) => id);
  }

  async listen(port: number, host: string): Promise<void> {
    this.#listener.listen(port, host);
    await once(this.#listener, 'listening');
    this.port = (this.#listener.address() as AddressInfo).port;
    // A failed accept costs that one connection, not the server.
    this.#listener.on('error', () => {});
  }

  ringBell(): void {
    for (const viewer of this.#joined) viewer.ringBell();
  }

  sendCutText(text: string): void {
    for (const viewer of this.#joined) viewer.sendCutText(text);
  }

  rename(name: string): void {
    this.#desktop.rename(name);
  }

  /** Stops listening, ends all viewers once they have what was sent, and waits for their ends. */
  async close(): Promise<void> {
    if (!this.#listener.listening) return;
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    for (const viewer of this.#sessions.keys()) viewer.hangUp('the server was closed');
    await Promise.all(this.#sessions.values());
    await closed;
  }

  #onConnection(socket: Socket): void {
    const viewer = new Viewer(++this.#lastId, socket, this.#desktop, this.#hooks);
    this.#sessions.set(viewer, this.#serve(viewer));
  }

  async #serve(viewer: Viewer): Promise<void> {
    const reason = await viewer.serve(this.#password);
    this.#sessions.delete(viewer);
    if (this.#joined.delete(viewer)) this.#desktop.setViewers(this.#joined.size);
    this.emit('leave', { viewer: viewer.id, reason });
  }

  readonly #hooks: ViewerHooks = {
    onInit: (viewer, shared) => {
      if (!shared) {
        for (const other of this.#joined) other.hangUp('another viewer asked to be alone');
      }
      this.#joined.add(viewer);
      this.#desktop.setViewers(this.#joined.size);
      this.emit('join', { viewer: viewer.id, shared });
    },
    onKey: ({ id }, keysym, down) => this.emit('key', { viewer: id, keysym, down }),
    onPointer: ({ id }, x, y, buttons) => this.emit('pointer', { viewer: id, x, y, buttons }),
    onCutText: ({ id }, text) => this.emit('cutText', { viewer: id, text }),
    onPower: ({ id }, action) => {
      this.emit('power', { viewer: id, action });
      // Whoever connects to a machine that was shut down finds it freshly started.
      this.#desktop.restart();
      if (action !== 'shutdown') return;
      for (const viewer of this.#joined) viewer.hangUp('the machine was shut down');
    },
  };
}
