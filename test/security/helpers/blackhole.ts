import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const LISTENER = `
  const server = require('node:net').createServer();
  server.listen({ port: Number(process.argv[1]), host: process.argv[2], backlog: 1 }, () => {
    process.send(server.address().port);
  });
`;

/** A port that answers no SYN: the full accept queue of a listener that is stopped. */
export class Blackhole {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #fillers: Socket[];

  private constructor(child: ChildProcess, port: number, fillers: Socket[]) {
    this.#child = child;
    this.port = port;
    this.#fillers = fillers;
  }

  static async start(host: string, port = 0): Promise<Blackhole> {
    const child = spawn(process.execPath, ['-e', LISTENER, String(port), host], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [taken] = await once(child, 'message');
    child.kill('SIGSTOP');
    const fillers: Socket[] = [];
    for (let full = false; !full; ) {
      const filler = connect({ host, port: Number(taken) });
      filler.on('error', () => {});
      fillers.push(filler);
      full = await Promise.race([
        once(filler, 'connect').then(() => false),
        new Promise<boolean>((done) => setTimeout(done, 300, true)),
      ]);
    }
    return new Blackhole(child, Number(taken), fillers);
  }

  async stop(): Promise<void> {
    for (const filler of this.#fillers) filler.destroy();
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }
}
