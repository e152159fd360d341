import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FieldReader } from '../../demo/vnc-server/rfb/field-reader.ts';
import { encryptChallenge } from '../../demo/vnc-server/rfb/handshake.ts';
import { doorkeeper, type FakeServer, startFakeServer } from './fake-server.ts';

const XVP = 22;
const NONE = 1;

/**
 * Stands before a VNC server as Xen VNC Proxy does, which no Debian has: it asks for a user name, a
 * machine and a password (security type 22; rfbproto, "xvp Authentication"), and leads on to that
 * machine's own server, which asks nothing.
 */
export function startXvp(
  machinePort: number,
  keys: { readonly username: string; readonly machine: string; readonly password: string },
): Promise<FakeServer> {
  return startFakeServer((socket) =>
    doorkeeper(
      socket,
      XVP,
      async (reader) => {
        const [nameLength = 0, machineLength = 0] = await reader.read(2);
        const username = `${await reader.read(nameLength)}`;
        const machine = `${await reader.read(machineLength)}`;
        const challenge = randomBytes(16);
        socket.write(challenge);
        const answer = await reader.read(16);
        const isKnown = answer.equals(encryptChallenge(challenge, keys.password));
        return isKnown && username === keys.username && machine === keys.machine;
      },
      () => leadOn(socket, machinePort),
    ),
  );
}

async function leadOn(socket: Socket, port: number): Promise<void> {
  const machine = connect(port, '127.0.0.1');
  for (const [one, other] of [
    [socket, machine],
    [machine, socket],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
  await once(machine, 'connect');
  const reader = new FieldReader(machine);
  machine.write(await reader.read(12));
  const [count = 0] = await reader.read(1);
  if (!(await reader.read(count)).includes(NONE)) throw new Error('the machine asks for something');
  machine.write(Buffer.of(NONE));
  await reader.read(4);
  // Both were read field by field until here.
  for (const side of [socket, machine]) side.removeAllListeners('readable');
  socket.pipe(machine).pipe(socket);
}
