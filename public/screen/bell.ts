import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { settings } from '../settings.ts';

/** Of the beep: hertz, seconds, and how loud, from 0 to 1. */
const PITCH = 660;
const LENGTH = 0.16;
const LOUDNESS = 0.08;

/** How long the flash stays, in milliseconds. */
const FLASH_TIME = 400;

let sound: AudioContext | null = null;
/** When the last beep is over. */
let quietAt = 0;
let fading: ReturnType<typeof setTimeout> | undefined;

/** Beeps, flashes, or both, when the desktop rings. */
export function bindBell(): void {
  current.onOpen((desktop) => {
    desktop.addEventListener('bell', () => {
      if (settings.get('bell')) beep();
      if (settings.get('visualBell')) flash();
    });
  });
}

function beep(): void {
  // Nothing may sound before the viewer has pressed something; a browser would only complain.
  if (!navigator.userActivation?.hasBeenActive) return;
  // One at a time: TigerVNC rings for each keyboard it has, and together they would be loud.
  if (performance.now() < quietAt) return;
  sound ??= new AudioContext();
  void sound.resume();
  const now = sound.currentTime;
  const tone = new OscillatorNode(sound, { frequency: PITCH });
  const volume = new GainNode(sound, { gain: 0 });
  // Not on and off at once, which would click.
  volume.gain.linearRampToValueAtTime(LOUDNESS, now + 0.01);
  volume.gain.linearRampToValueAtTime(0, now + LENGTH);
  tone.connect(volume).connect(sound.destination);
  tone.start(now);
  tone.stop(now + LENGTH);
  // Not before, as the first takes a while to be made ready.
  quietAt = performance.now() + 1000 * LENGTH;
}

function flash(): void {
  clearTimeout(fading);
  elements.root.dataset.ringing = '';
  fading = setTimeout(() => delete elements.root.dataset.ringing, FLASH_TIME);
}
