import { elements } from '../elements.ts';
import { settings } from '../settings.ts';
import { isPicturePreset, PICTURE_PRESETS, presetOf } from './picture-presets.ts';

const { preset, presetRow, custom } = elements.settings;

const NAMES = ['quality', 'compression'] as const;

/** Offers common pairs of quality and compression by one name each, and the numbers as `custom`. */
export function bindPicturePreset(): void {
  preset.disabled = NAMES.some((name) => settings.isForced(name));
  presetRow.hidden = NAMES.some((name) => settings.isHidden(name));

  preset.addEventListener('change', () => {
    const choice = preset.value;
    custom.hidden = choice !== 'custom';
    if (!isPicturePreset(choice)) return;
    for (const name of NAMES) settings.set(name, PICTURE_PRESETS[choice][name]);
  });
  for (const name of NAMES) settings.watch(name, showChoice);
}

/** Who has the numbers open keeps them, even where they happen to be those of a preset. */
function showChoice(): void {
  const isMoving = custom.contains(document.activeElement);
  const choice = isMoving
    ? 'custom'
    : presetOf(settings.get('quality'), settings.get('compression'));
  preset.value = choice;
  custom.hidden = choice !== 'custom';
}
