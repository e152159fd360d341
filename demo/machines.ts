import { randomBytes } from 'node:crypto';
import type { Custody } from '../lib/index.ts';
import type { Surface } from './vnc-server/drawing/surface.ts';
import { startVncServer, type VncServerOptions } from './vnc-server/vnc-server.ts';

/** A machine with a console. */
export interface Machine {
  /** What its address calls it. */
  readonly name: string;
  readonly title: string;
  readonly about: string;
  /** Its VNC server's, on 127.0.0.1. */
  readonly port: number;
  /** What its VNC server wants to know, as everybody may know it here. */
  readonly password?: string;
  /** What the console server keeps from its viewers, or keeps them from. */
  readonly custody?: Custody;
  isRunning(): boolean;
  /** How many look at it; null: its VNC server does not tell. */
  viewers(): number | null;
  /** What its screen shows now; null: that is not for everybody, or not known. */
  picture(): Surface | null;
  stop(): Promise<void>;
}

type Description = Pick<Machine, 'name' | 'title' | 'about' | 'password' | 'custody'>;

/** Nobody serves VNC there: it is TCPMUX's (RFC 1078), which nobody serves at all. */
const DEAD_PORT = 1;

/** Starts the machines that need nothing but Node: each is a VNC server that draws its own desktop. */
export function startMachines(): Promise<Machine[]> {
  // VNC looks at eight bytes of it.
  const kept = randomBytes(6).toString('base64');
  return Promise.all([
    startDesktop({
      name: 'desk-1',
      title: 'Demo desktop',
      about: 'A clock, a canvas to paint on and a terminal. Everybody who opens it shares it.',
    }),
    startDesktop({
      name: 'desk-2',
      title: 'Locked desktop',
      about: 'The same, but its VNC server asks for a password first.',
      password: 'secret',
    }),
    startDesktop(
      {
        name: 'desk-3',
        title: 'Signed in for you',
        about: 'Its password is known to the console server alone, and new with every start.',
        custody: { credentials: { password: kept } },
      },
      { password: kept },
    ),
    startDesktop(
      {
        name: 'kiosk-1',
        title: 'Kiosk',
        about: 'A small screen, as in a hall or on a machine. You may look and not touch.',
        custody: { viewOnly: true },
      },
      { width: 640, height: 480 },
    ),
    deadMachine({
      name: 'rack-7',
      title: 'Switched off',
      about: 'Nothing answers there. Open it to see how a console says so.',
    }),
  ]);
}

async function startDesktop(
  machine: Description,
  options: Pick<VncServerOptions, 'width' | 'height' | 'password'> = {},
): Promise<Machine> {
  const { title, password } = machine;
  const server = await startVncServer({
    port: 0,
    host: '127.0.0.1',
    name: title,
    password,
    ...options,
  });
  return {
    ...machine,
    port: server.port,
    isRunning: () => true,
    viewers: () => server.viewers.length,
    picture: () => (password === undefined ? server.picture : null),
    stop: () => server.close(),
  };
}

function deadMachine(machine: Description): Machine {
  return {
    ...machine,
    port: DEAD_PORT,
    isRunning: () => false,
    viewers: () => null,
    picture: () => null,
    stop: async () => {},
  };
}
