import type { Desktop } from '../screen/desktop.ts';
import type { Channel } from './channel.ts';
import { LOOK_INTERVAL, Watchdog } from './watchdog.ts';

/** What a vigil notices. */
export interface Alarm {
  onStalled(isStalled: boolean): void;
  onEnd(cause: 'STUCK' | 'STALLED'): void;
}

/** Watches over a connected desktop until `over` aborts. */
export function keepVigil(
  desktop: Desktop,
  channel: Channel,
  alarm: Alarm,
  over: AbortSignal,
): void {
  const watchdog = new Watchdog();
  let wasStalled = false;
  const timer = setInterval(look, LOOK_INTERVAL);
  over.addEventListener('abort', () => {
    clearInterval(timer);
    if (wasStalled) alarm.onStalled(false);
  });
  look(); // what happens until the next look is news already

  function look(): void {
    const verdict = watchdog.look({
      now: performance.now(),
      isVisible: document.visibilityState === 'visible',
      updates: desktop.updates ?? 0,
      isDrawing: desktop.isDrawing,
      received: channel.traffic.received,
      inputs: channel.inputs,
      buffered: channel.buffered,
    });
    if (verdict === 'probe') desktop.askForEcho();
    const isStalled = verdict === 'stalled' || verdict === 'lost';
    if (isStalled !== wasStalled) alarm.onStalled(isStalled);
    wasStalled = isStalled;
    if (verdict === 'stuck') alarm.onEnd('STUCK');
    if (verdict === 'lost') alarm.onEnd('STALLED');
  }
}
