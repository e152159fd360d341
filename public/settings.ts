import { settingsAsked } from './asked-settings.ts';
import { SettingsStore, type Shelf } from './settings-store.ts';

const { relay = '', settings: rules = '{}' } = document.documentElement.dataset;
/** The target's name, by which things are remembered. */
export const target = new URL(relay, location.href).searchParams.get('target') ?? '';

/** The viewer's settings, for this target; on pages without one, for all. */
export const settings = new SettingsStore(
  JSON.parse(rules),
  shelf(),
  target,
  settingsAsked(location.hash),
);

/** Reading the very property throws where a browser forbids the page to keep anything. */
export function shelf(): Shelf | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
