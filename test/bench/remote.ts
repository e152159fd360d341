import { type ChildProcess, fork } from 'node:child_process';

// biome-ignore lint/suspicious/noExplicitAny: only `any` lets functions of all signatures in.
type Functions = Record<string, (...args: any[]) => unknown>;

interface Call {
  readonly id: number;
  readonly name: string;
  readonly args: unknown[];
}

type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

/** Lets the process that started this one call these functions; this one ends with it. */
export function offer(functions: Functions): void {
  process.on('message', async function onCall({ id, name, args }: Call) {
    let answer: Answer;
    try {
      answer = { id, value: await functions[name]!(...args) };
    } catch (error) {
      answer = { id, error: error instanceof Error ? error.message : String(error) };
    }
    process.send!(answer);
  });
  process.on('disconnect', () => process.exit());
}

/** Runs a module in a process of its own, and calls the functions it offers. */
export class Remote<Offered extends Functions> {
  readonly #process: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(module: URL) {
    this.#process = fork(module);
    this.#process.on('message', (answer: Answer) => this.#settle(answer));
    this.#process.on('exit', () => this.#onExit());
  }

  call<Name extends string & keyof Offered>(
    name: Name,
    ...args: Parameters<Offered[Name]>
  ): Promise<Awaited<ReturnType<Offered[Name]>>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, function onAnswer(answer) {
        if ('error' in answer) reject(new Error(answer.error));
        else resolve(answer.value as Awaited<ReturnType<Offered[Name]>>);
      });
      this.#process.send({ id, name, args } satisfies Call);
    });
  }

  stop(): void {
    if (this.#process.connected) this.#process.disconnect();
  }

  #settle(answer: Answer): void {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }

  #onExit(): void {
    for (const id of this.#waiting.keys()) this.#settle({ id, error: 'its process ended' });
  }
}
