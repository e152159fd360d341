import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { Inbox, Queue, within } from './inbox.ts';

export const BANNER = Buffer.from('RFB 003.008\n');

/** One connection to a VNC target, in the test's hands. */
export class VncConnection {
  readonly socket: Socket;
  readonly inbox = new Inbox('the relay, at the VNC target');
  /** How the other side left: by FIN, or not so. */
  readonly closed: Promise<'end' | 'reset'>;
  #ended = false;

  constructor(socket: Socket) {
    this.socket = socket;
    let reset = false;
    socket.on('error', () => {
      reset = true;
    });
    socket.on('data', (bytes: Buffer) => this.inbox.push(bytes));
    socket.on('end', () => {
      this.#ended = true;
    });
    this.closed = new Promise((resolve) => {
      const settle = () => resolve(reset ? 'reset' : 'end');
      socket.on('end', settle);
      socket.on('close', settle);
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  read(size: number, patience?: number): Promise<Buffer> {
    return this.inbox.read(size, patience);
  }

  gone(patience?: number): Promise<'end' | 'reset'> {
    return within(this.closed, 'the end of a connection to the VNC target', patience);
  }
}

export interface VncTargetOptions {
  /** What is said first; null: nothing. */
  greeting?: Uint8Array | null;
  /** What is done with each connection; nothing by default. */
  script?: (connection: VncConnection) => void;
  /** A Unix socket in place of a port of 127.0.0.1. */
  path?: string;
  host?: string;
}

/** A VNC server as far as a relay can tell: it greets, and then does as the test says. */
export class VncTarget {
  readonly #server: Server;
  readonly #queue = new Queue<VncConnection>('a connection to the VNC target');
  readonly #sockets = new Set<Socket>();
  /** Connections so far. */
  count = 0;

  private constructor({ greeting = BANNER, script }: VncTargetOptions) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.count++;
      this.#sockets.add(socket);
      const connection = new VncConnection(socket);
      if (greeting) socket.write(greeting);
      script?.(connection);
      this.#queue.push(connection);
    });
  }

  static async open(t: TestContext, options: VncTargetOptions = {}): Promise<VncTarget> {
    const target = new VncTarget(options);
    const server = target.#server;
    if (options.path) server.listen(options.path);
    else server.listen(0, options.host ?? '127.0.0.1');
    await once(server, 'listening');
    t.after(() => target.close());
    return target;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  /** Its name in a console's address. */
  get name(): string {
    return `127.0.0.1:${this.port}`;
  }

  next(patience?: number): Promise<VncConnection> {
    return this.#queue.next(patience);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** A script: what comes goes back. */
export function echo({ socket }: VncConnection): void {
  socket.pipe(socket);
}

/** A port of 127.0.0.1 where nobody listens. */
export async function deadPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
