import { current } from '../current.ts';
import { ask } from '../dialogs.ts';
import { elements } from '../elements.ts';
import { say } from '../language/language.ts';
import { showOutcome } from '../outcome.ts';
import type { Desktop } from './desktop.ts';

const { toolbar, power } = elements;

let asking: AbortController | null = null;

/** Wires the panel that turns the machine off and on, for VNC servers that can (XVP). */
export function bindPower(): void {
  current.onOpen((desktop) => {
    desktop.addEventListener('capabilities', () => offer(desktop));
    desktop.addEventListener('powerfailed', () => showOutcome(say('The action failed.'), true));
    offer(desktop);
  });
  current.onOver(withdraw);
  wire(power.shutDown, power.confirmShutDown, (desktop) => desktop.machineShutdown());
  wire(power.reboot, power.confirmReboot, (desktop) => desktop.machineReboot());
  wire(power.reset, power.confirmReset, (desktop) => desktop.machineReset());
}

function offer(desktop: Desktop): void {
  if (current.desktop === desktop) toolbar.power.hidden = !desktop.capabilities.power;
}

function withdraw(): void {
  toolbar.power.hidden = true;
  power.panel.hidePopover();
  // What was asked about one desktop is not for the next.
  asking?.abort();
}

function wire(
  button: HTMLButtonElement,
  question: HTMLDialogElement,
  act: (desktop: Desktop) => void,
): void {
  button.addEventListener('click', async () => {
    const { desktop } = current;
    power.panel.hidePopover();
    asking = new AbortController();
    const isSure = await ask(question, asking.signal);
    // It may have gone between the answer and here.
    if (isSure && desktop && desktop === current.desktop && !desktop.viewOnly) act(desktop);
    current.focus();
  });
}
