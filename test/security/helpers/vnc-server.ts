import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Changes } from './until.ts';

export const BANNER = 'RFB 003.008\n';

/** One connection to a scripted VNC server. */
export class VncPeer {
  readonly socket: Socket;
  /** All that came, unless `onBytes` takes it. */
  received: Buffer = Buffer.alloc(0);
  receivedLength = 0;
  onBytes: ((bytes: Buffer) => void) | undefined;
  ended = false;
  gone = false;
  error: Error | undefined;
  readonly changes: Changes;

  constructor(socket: Socket, changes: Changes) {
    this.socket = socket;
    this.changes = changes;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      this.receivedLength += bytes.length;
      if (this.onBytes) this.onBytes(bytes);
      else this.received = Buffer.concat([this.received, bytes]);
      changes.announce();
    });
    socket.on('error', (error) => {
      this.error = error;
    });
    socket.on('end', () => {
      this.ended = true;
      changes.announce();
    });
    socket.on('close', () => {
      this.gone = true;
      changes.announce();
    });
  }

  write(bytes: Uint8Array | string): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  async push(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write(bytes, () => resolve()));
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  until(what: string, condition: () => boolean, timeout?: number): Promise<void> {
    return this.changes.until(what, condition, timeout);
  }

  hungUp(timeout?: number): Promise<void> {
    return this.until(
      'the relay hangs up on the VNC server',
      () => this.ended || this.gone,
      timeout,
    );
  }
}

/** A VNC server that does what it is told: a script is called for each connection. */
export class VncServer {
  readonly port: number;
  readonly host: string;
  readonly peers: VncPeer[] = [];
  readonly #server: Server;
  readonly #changes = new Changes();
  #taken = 0;

  private constructor(server: Server, host: string, script: (peer: VncPeer) => void) {
    this.#server = server;
    this.host = host;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      const peer = new VncPeer(socket, this.#changes);
      this.peers.push(peer);
      script(peer);
      this.#changes.announce();
    });
  }

  /** Listens; the usual script says the banner and nothing more. */
  static async start(
    script: (peer: VncPeer) => void = (peer) => peer.write(BANNER),
    { host = '127.0.0.1', port = 0, allowHalfOpen = false } = {},
  ): Promise<VncServer> {
    const server = createServer({ allowHalfOpen, noDelay: true });
    server.listen(port, host, 4096);
    await once(server, 'listening');
    return new VncServer(server, host, script);
  }

  /** The name of its console. */
  get name(): string {
    return `${this.host.includes(':') ? `[${this.host}]` : this.host}:${this.port}`;
  }

  /** Waits for the next connection nobody has asked for yet. */
  async next(timeout?: number): Promise<VncPeer> {
    const at = this.#taken++;
    await this.#changes.until(
      'a connection to the VNC server',
      () => this.peers.length > at,
      timeout,
    );
    return this.peers[at]!;
  }

  /** Goes on with the connections that come from now. */
  forget(): void {
    this.peers.length = 0;
    this.#taken = 0;
  }

  async stop(): Promise<void> {
    for (const { socket } of this.peers) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
