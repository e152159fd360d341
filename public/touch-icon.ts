/**
 * Offers an icon to who puts the page on a phone's home screen. On a desk it stays unnamed, as
 * Firefox would load it there with every page, for nothing.
 */
export function offerTouchIcon(link: HTMLLinkElement | null): void {
  if (link && matchMedia('(any-pointer: coarse)').matches) link.rel = 'apple-touch-icon';
}
