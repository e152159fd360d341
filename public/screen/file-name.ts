/** A name for a file of a console, by its label and the local time: `vm-42 2026-11-23 14.05.png`. */
export function fileName(label: string, time: Date, extension: string): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}.${two(time.getMinutes())}`;
  // What no file system takes: control characters, separators, wildcards.
  const name = label
    .replace(/[\p{Cc}\p{Cf}\\/:*?"<>|]+/gu, '-')
    .slice(0, 80)
    .trim();
  return `${name || 'console'} ${date} ${clock}.${extension}`;
}
