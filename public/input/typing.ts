import { isSettingValue } from '../../lib/page-settings.ts';
import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { say } from '../language/language.ts';
import { settings } from '../settings.ts';
import { releaseAll } from './key-release.ts';

const { panel, text, layout, pace, start, cancel, running, bar, count, note } = elements.typing;

/** Wires the panel that types a text out on the console, once. */
export function bindTyping(): void {
  let over: AbortController | null = null;

  bindSettings();
  start.addEventListener('click', () => void run());
  cancel.addEventListener('click', () => over?.abort());
  text.addEventListener('input', () => write(''));
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void run();
  });
  panel.addEventListener('toggle', (event) => {
    if (event.newState === 'open') text.focus();
    else {
      // Escape closes the panel, and with it ends what it does.
      over?.abort();
      write('');
      current.focus();
    }
  });
  current.onOver(() => {
    over?.abort();
    panel.hidePopover();
    text.value = '';
  });

  async function run(): Promise<void> {
    const { desktop } = current;
    if (!desktop || over || text.value === '') return;
    over = new AbortController();
    try {
      const { loadLayout, planTyping, typeOut } = await import('./typist.ts');
      const plan = planTyping(text.value, await loadLayout(settings.get('typingLayout')));
      if (plan.missing.length > 0) {
        write(say('Not on this layout: {characters}', { characters: plan.missing.join(', ') }));
        return;
      }
      const all = plan.strokes.length;
      let typed = 0;
      const show = (done: number) => {
        typed = done;
        bar.max = all;
        bar.value = done;
        count.textContent = say('{done} of {all}', { done, all });
      };
      releaseAll();
      show(0);
      setRunning(true);
      await typeOut(desktop, plan.strokes, settings.get('typingPace'), over.signal, show);
      const isWhole = typed === all;
      write(
        isWhole
          ? say('All of it is typed.')
          : say('Stopped after {done} of {all} characters.', { done: typed, all }),
      );
    } catch {
      write(say('The keyboard layout could not be loaded. Try again.'));
    } finally {
      over = null;
      releaseAll();
      setRunning(false);
    }
  }
}

function bindSettings(): void {
  const render = () => {
    layout.value = settings.get('typingLayout');
    pace.value = String(settings.get('typingPace'));
  };
  for (const [field, name] of [
    [layout, 'typingLayout'],
    [pace, 'typingPace'],
  ] as const) {
    field.disabled = settings.isForced(name);
    field.closest('label')?.toggleAttribute('hidden', settings.isHidden(name));
    settings.watch(name, render);
  }
  layout.addEventListener('change', () => {
    if (isSettingValue('typingLayout', layout.value)) settings.set('typingLayout', layout.value);
    write('');
  });
  pace.addEventListener('change', () => {
    const value = pace.valueAsNumber;
    if (isSettingValue('typingPace', value)) settings.set('typingPace', value);
    render();
  });
  render();
}

function setRunning(isRunning: boolean): void {
  const hadFocus = panel.contains(document.activeElement);
  running.hidden = !isRunning;
  start.hidden = isRunning;
  text.readOnly = isRunning;
  if (hadFocus) (isRunning ? cancel : text).focus();
}

function write(words: string): void {
  note.textContent = words;
}
