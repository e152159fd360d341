import { isSettingValue, PAGE_SETTINGS, type PageSettingName } from '../../lib/page-settings.ts';
import { elements } from '../elements.ts';
import { say } from '../language/language.ts';
import { settings } from '../settings.ts';
import { bindPicturePreset } from './picture-preset.ts';

const { panel, keep, reset, note } = elements.settings;

type Control = HTMLInputElement | HTMLSelectElement;

/** Wires the settings panel when it opens first: a desktop that is on its way does not wait for it. */
export function bindSettingsPanel(): void {
  panel.addEventListener('beforetoggle', bindControls, { once: true });
}

/** Each control says by `data-setting` which one it is for. */
function bindControls(): void {
  for (const control of panel.querySelectorAll<Control>('[data-setting]')) bind(control);
  bindPicturePreset();

  keep.addEventListener('click', () => {
    settings.keepForAll();
    note.textContent = say('All consoles use these settings now.');
  });
  reset.addEventListener('click', () => {
    settings.reset();
    note.textContent = say('The settings are as they were at first.');
  });
  panel.addEventListener('change', clearNote);
  panel.addEventListener('toggle', clearNote);
}

function bind(control: Control): void {
  const name = nameOf(control);
  const row = control.closest('label');
  const number = row?.querySelector('output');
  control.disabled = settings.isForced(name);
  if (row) row.hidden = settings.isHidden(name);

  settings.watch(name, (value) => {
    if (typeof value === 'boolean') (control as HTMLInputElement).checked = value;
    else control.value = String(value);
    if (number) number.textContent = String(value);
  });
  control.addEventListener('input', () => {
    const value = chosen(control, name);
    if (isSettingValue(name, value)) settings.set(name, value);
  });
}

function nameOf(control: Control): PageSettingName {
  const name = control.dataset.setting ?? '';
  if (!Object.hasOwn(PAGE_SETTINGS, name)) throw new Error(`The page has no setting "${name}"`);
  return name as PageSettingName;
}

function chosen(control: Control, name: PageSettingName): boolean | number | string {
  const { kind } = PAGE_SETTINGS[name];
  if (kind === 'switch') return (control as HTMLInputElement).checked;
  return kind === 'number' ? Number(control.value) : control.value;
}

function clearNote(): void {
  note.textContent = '';
}
