import type { PageSettings } from '../../../lib/page-settings.ts';
import type { Layout } from './layout.ts';

const LOADERS: Record<PageSettings['typingLayout'], () => Promise<{ layout: Layout }>> = {
  us: () => import('./us.ts'),
  uk: () => import('./uk.ts'),
  de: () => import('./de.ts'),
  fr: () => import('./fr.ts'),
  es: () => import('./es.ts'),
  it: () => import('./it.ts'),
  pt: () => import('./pt.ts'),
  ch: () => import('./ch.ts'),
  se: () => import('./se.ts'),
  no: () => import('./no.ts'),
  dk: () => import('./dk.ts'),
};

/** Loads a keyboard layout by its name. */
export async function loadLayout(name: PageSettings['typingLayout']): Promise<Layout> {
  return (await LOADERS[name]()).layout;
}
