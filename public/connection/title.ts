const MAX_NAME = 120;

/** The page's title: the desktop's own name, if it has one, and what the app calls the console. */
export function pageTitle(label: string, name: string): string {
  const clean = cleanName(name);
  return clean && clean !== label ? `${clean} – ${label}` : label;
}

// One line, short, and without characters that reorder or hide others.
function cleanName(name: string): string {
  const start = [...name.slice(0, 2 * MAX_NAME)].slice(0, MAX_NAME).join('');
  return start.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}
