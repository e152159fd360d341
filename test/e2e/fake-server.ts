import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { FieldReader } from '../../demo/vnc-server/rfb/field-reader.ts';
import { letIn } from '../../demo/vnc-server/rfb/handshake.ts';
import { u32 } from '../rfb/helpers/handshakes.ts';
import { serverInit } from '../rfb/helpers/server-says.ts';

/** A server on a port of 127.0.0.1 that does what a test says, and no real one would. */
export interface FakeServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts one; a connection whose script fails, as it does when the viewer leaves, is cut. */
export async function startFakeServer(
  serve: (socket: Socket) => void | Promise<void>,
): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const server = createServer(async (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    try {
      await serve(socket);
    } catch {
      socket.destroy();
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Starts one that is no VNC server at all. */
export function startSshServer(): Promise<FakeServer> {
  return startFakeServer((socket) => void socket.write('SSH-2.0-OpenSSH_9.2p1\r\n'));
}

/** Lets a viewer in without a password, to a desktop of that size; the answer reads what it says. */
export async function welcome(socket: Socket, width: number, height: number): Promise<FieldReader> {
  const reader = new FieldReader(socket);
  await letIn(socket, reader, undefined);
  await showDesktop(socket, reader, width, height);
  return reader;
}

/** Asks in a way of its own, a security type, and does `serve` for whom `ask` lets in. */
export async function doorkeeper(
  socket: Socket,
  type: number,
  ask: (reader: FieldReader) => Promise<boolean>,
  serve = showLittle,
): Promise<void> {
  const reader = new FieldReader(socket);
  socket.write('RFB 003.008\n');
  await reader.read(12);
  socket.write(Buffer.of(1, type));
  await reader.readUint8();
  const isRight = await ask(reader);
  socket.write(u32(isRight ? 0 : 1));
  if (!isRight) return void socket.end(Buffer.concat([u32(6), Buffer.from('denied')]));
  await serve(socket, reader);
}

async function showLittle(socket: Socket, reader: FieldReader): Promise<void> {
  await showDesktop(socket, reader, 64, 64);
  for (;;) await nextMessage(reader);
}

async function showDesktop(
  socket: Socket,
  reader: FieldReader,
  width: number,
  height: number,
): Promise<void> {
  await reader.readUint8(); // whether it shares
  const init = serverInit();
  init.writeUInt16BE(width, 0);
  init.writeUInt16BE(height, 2);
  socket.write(init);
}

/** What a viewer says: the encodings that it takes, that it waits for a picture, or something else. */
export type Message = { readonly encodings: readonly number[] } | 'request' | 'else';

const SET_ENCODINGS = 2;
const UPDATE_REQUEST = 3;

/** The lengths of the others that come here: the pixels' format, a key, the mouse. */
const LENGTHS: Readonly<Record<number, number>> = { 0: 20, [UPDATE_REQUEST]: 10, 4: 8, 5: 6 };

/** Reads the next message of a viewer. */
export async function nextMessage(reader: FieldReader): Promise<Message> {
  const type = await reader.readUint8();
  if (type === SET_ENCODINGS) {
    const count = (await reader.read(3)).readUInt16BE(1);
    const bytes = await reader.read(4 * count);
    return { encodings: Array.from({ length: count }, (_, at) => bytes.readInt32BE(4 * at)) };
  }
  const length = LENGTHS[type];
  if (!length) throw new Error(`a message of type ${type}`);
  await reader.read(length - 1);
  return type === UPDATE_REQUEST ? 'request' : 'else';
}
