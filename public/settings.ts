import { elements } from './elements.ts';
import { SettingsStore, type Shelf } from './settings-store.ts';

const { relay = '', settings: rules = '{}' } = elements.root.dataset;
/** The target's name, by which things are remembered. */
export const target = new URL(relay, location.href).searchParams.get('target') ?? '';

/** The viewer's settings, for this target. */
export const settings = new SettingsStore(JSON.parse(rules), shelf(), target);

/** Reading the very property throws where a browser forbids the page to keep anything. */
export function shelf(): Shelf | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
