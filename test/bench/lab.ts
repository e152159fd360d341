import type { Load } from './load.ts';
import { Relay, type RelayName } from './relays.ts';
import { Remote } from './remote.ts';
import type { Behaviour, Targets } from './targets.ts';

/** No single measurement takes nearly as long. */
const MEASURE_TIMEOUT = 60_000;

/** What a figure is measured with: browsers and targets, each in a process of their own. */
export class Lab {
  /** What is multiplied with the size of a load: 1, or less where a quick look will do. */
  readonly scale: number;
  readonly load = new Remote<Load>(new URL('load.ts', import.meta.url));
  readonly #targets = new Remote<Targets>(new URL('targets.ts', import.meta.url));

  constructor(scale: number) {
    this.scale = scale;
  }

  /** Runs a relay, in front of a target of its own, for as long as `use` takes. */
  async withRelay<Result>(
    name: RelayName,
    behaviour: Behaviour,
    use: (relay: Relay) => Promise<Result>,
  ): Promise<Result> {
    const target = await this.#targets.call('open', behaviour);
    const relay = await Relay.start(name, target);
    // Without its relay, whatever `use` still waits for fails.
    const deadline = setTimeout(() => relay.stop(), MEASURE_TIMEOUT);
    try {
      return await use(relay);
    } catch (error) {
      const complaint = relay.complaint();
      throw complaint === null ? error : new Error(`the relay ended: ${complaint}`);
    } finally {
      clearTimeout(deadline);
      await relay.stop();
      await this.#targets.call('close', target);
    }
  }

  close(): void {
    this.load.stop();
    this.#targets.stop();
  }
}
