/** The keys that have a name, as `KeyboardEvent.key` calls them; all others are their character. */
export const KEY_NAMES = [
  ...(['Control', 'Alt', 'AltGraph', 'Shift', 'Meta', 'CapsLock', 'NumLock'] as const),
  ...(['ScrollLock', 'Enter', 'Tab', 'Backspace', 'Delete', 'Insert', 'Escape'] as const),
  ...(['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End'] as const),
  ...(['PageUp', 'PageDown', 'Pause', 'PrintScreen', 'ContextMenu'] as const),
  ...(['F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F9', 'F10', 'F11', 'F12'] as const),
] as const;

export type KeyName = (typeof KEY_NAMES)[number];

/** Keys that are pressed in this order, and let go of in the other. */
export interface KeyCombination {
  /** What stands on its button. */
  readonly label: string;
  /** Names as of `KeyboardEvent.key`, or single characters: `['Control', 'Alt', 'F2']`. */
  readonly keys: readonly string[];
}

/** Says if a key can be pressed by that name. */
export function isKey(name: string): boolean {
  return (KEY_NAMES as readonly string[]).includes(name) || [...name].length === 1;
}
