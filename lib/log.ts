/** What the log is written to: pino, or anything with its three methods, or `console`. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
type Level = keyof Logger;

/** A logger that can be called from anywhere. With no `info`, nobody wants to read of that level. */
export type GuardedLogger = Omit<Logger, 'info'> & { readonly info: Logger['info'] | undefined };

const MAX_FIELD_LENGTH = 1024;
const MAX_LINES_A_SECOND = 20;

/**
 * Makes a host's logger safe to call from anywhere: it never throws, no field is longer than 1 KiB or
 * holds a control character, and a flood becomes 20 lines a second and a count.
 */
export function guardLogger(logger: Partial<Logger>): GuardedLogger {
  let second = 0;
  let lines = 0;
  let dropped = 0;

  function write(level: Level, fields: object, message: string): void {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      if (dropped > 0) emit('warn', { dropped }, 'log lines dropped');
      second = now;
      lines = dropped = 0;
    }
    if (++lines > MAX_LINES_A_SECOND) dropped++;
    else emit(level, clean(fields), message);
  }

  function emit(level: Level, fields: object, message: string): void {
    try {
      logger[level]?.(fields, message);
    } catch {
      // A host's failing logger is the host's to notice; it must not end a session.
    }
  }

  return {
    info: logger.info && ((fields, message) => write('info', fields, message)),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
  };
}

/** Warnings and errors on the console: what a host sees that has set no logger. */
export const consoleLogger: Partial<Logger> = {
  warn: (fields, message) => console.warn(`express-novnc: ${message}`, fields),
  error: (fields, message) => console.error(`express-novnc: ${message}`, fields),
};

function clean(fields: object): object {
  const entries = Object.entries(fields).map(([key, value]) => [
    key,
    typeof value === 'string'
      ? cleanText(value)
      : value instanceof Error
        ? cleanText(String(value))
        : value,
  ]);
  return Object.fromEntries(entries);
}

function cleanText(text: string): string {
  return text
    .slice(0, MAX_FIELD_LENGTH)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (character) => {
      const code = character.codePointAt(0) ?? 0;
      return `\\u{${code.toString(16)}}`;
    })
    .slice(0, MAX_FIELD_LENGTH);
}
