import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { BANNER } from './browser.ts';
import { keystream } from './keystream.ts';
import { Metronome } from './metronome.ts';
import { offer } from './remote.ts';
import { letIn, rawUpdate } from './rfb-server.ts';

/** What a target does once it has greeted. */
export type Behaviour =
  | { readonly does: 'nothing' }
  | { readonly does: 'echo' }
  /** Sends without end. */
  | { readonly does: 'flood' }
  /** Sends the keystream, without end. */
  | { readonly does: 'keystream' }
  /** Reads so many, and answers with one byte. */
  | { readonly does: 'swallow'; readonly bytes: number }
  /** Sends so many bytes so many times a second. */
  | { readonly does: 'update'; readonly bytes: number; readonly perSecond: number }
  /** Lets everybody in as RFB 3.8 asks for, and sends a rectangle so many times a second. */
  | {
      readonly does: 'desktop';
      readonly width: number;
      readonly height: number;
      readonly perSecond: number;
    };

const servers = new Map<number, net.Server>();

/** What is swallowed is a multiple of this. */
const SWALLOW_SIZE = 256 * 1024;

const FLOOD_BLOCK = Buffer.alloc(256 * 1024);

/** Opens a target and tells its port. */
async function open(behaviour: Behaviour): Promise<number> {
  const act = actor(behaviour);
  const server = net.createServer(
    { noDelay: true, pauseOnConnect: true },
    function onConnection(socket) {
      socket.on('error', () => socket.destroy());
      socket.write(BANNER);
      act(socket);
    },
  );
  server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  servers.set(port, server);
  return port;
}

function close(port: number): void {
  servers.get(port)?.close();
  servers.delete(port);
}

function actor(behaviour: Behaviour): (socket: net.Socket) => void {
  switch (behaviour.does) {
    case 'nothing':
      return (socket) => socket.resume();
    case 'echo':
      return (socket) => socket.pipe(socket);
    case 'flood':
      return (socket) => pour(socket, () => FLOOD_BLOCK);
    case 'keystream':
      return function pourKeystream(socket) {
        const bytes = keystream();
        pour(socket, () => bytes.next().value);
      };
    case 'swallow':
      return (socket) => swallow(socket, behaviour.bytes);
    case 'update':
      return sender(Buffer.alloc(behaviour.bytes), behaviour.perSecond);
    case 'desktop': {
      const { width, height } = behaviour;
      const live = sender(rawUpdate(width, height), behaviour.perSecond);
      return (socket) => letIn(socket, width, height, () => live(socket));
    }
  }
}

/** Sends an update to every connection, each at its own moment of a steady beat. */
function sender(update: Buffer, perSecond: number): (socket: net.Socket) => void {
  const metronome = new Metronome(1000 / perSecond);
  return (socket) => {
    socket.resume();
    const stop = metronome.add(() => socket.write(update));
    socket.on('close', stop);
  };
}

/** Writes blocks for as long as the other side takes them. */
function pour(socket: net.Socket, next: () => Buffer): void {
  socket.resume();
  socket.on('drain', more);
  more();
  function more(): void {
    while (!socket.destroyed && socket.write(next())) {}
  }
}

/**
 * Hands the socket to `dd`: in this process each read would cost a buffer of its own, as Node gives
 * a server no say in that, and the targets would need more CPU than the relay leaves them.
 */
function swallow(socket: net.Socket, bytes: number): void {
  const command = `dd bs=${SWALLOW_SIZE} count=${bytes / SWALLOW_SIZE} iflag=fullblock of=/dev/null && printf .`;
  const child = spawn('sh', ['-c', command], { stdio: [socket, socket, 'ignore'] });
  child.on('error', (error) => socket.destroy(error));
  child.on('exit', () => socket.destroy());
}

const functions = { open, close };
export type Targets = typeof functions;
offer(functions);
