/**
 * Says if this page may take the keyboard by itself: in a frame only when it has it already, or it
 * would take it from the page around it, or from the console beside it.
 */
export function mayFocus(): boolean {
  return parent === window || document.hasFocus();
}

/** Says if it may do so because of what happens, and not of what the viewer does: no open panel has it. */
export function mayFocusUnasked(): boolean {
  return mayFocus() && !document.activeElement?.closest(':popover-open');
}
