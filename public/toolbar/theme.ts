import { settings } from '../settings.ts';

/** Keeps to the viewer's colours; CSS knows them by `data-theme` of the root. */
export function bindTheme(): void {
  settings.watch('theme', (theme) => {
    document.documentElement.dataset.theme = theme;
  });
}
