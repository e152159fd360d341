/** How much picture for how much data, as `quality` and `compression` of the settings. */
export const PICTURE_PRESETS = {
  best: { quality: 9, compression: 2 },
  balanced: { quality: 6, compression: 2 },
  small: { quality: 3, compression: 6 },
  smallest: { quality: 1, compression: 9 },
} as const;

type PicturePreset = keyof typeof PICTURE_PRESETS;

/** Says which preset two numbers are, or that they are the viewer's own. */
export function presetOf(quality: number, compression: number): PicturePreset | 'custom' {
  for (const [name, preset] of Object.entries(PICTURE_PRESETS)) {
    if (preset.quality === quality && preset.compression === compression) {
      return name as PicturePreset;
    }
  }
  return 'custom';
}

/** Says if a choice is one of the presets. */
export function isPicturePreset(choice: string): choice is PicturePreset {
  return Object.hasOwn(PICTURE_PRESETS, choice);
}
