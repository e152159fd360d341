import type { Logger } from '../log.ts';

/** Logs to standard output: a JSON object a line, or a line one can read. */
export function createLogger(format: 'text' | 'json'): Logger {
  const line = format === 'json' ? jsonLine : textLine;
  const write = (level: keyof Logger) => (fields: object, message: string) => {
    process.stdout.write(`${line(level, fields, message)}\n`);
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

function jsonLine(level: string, fields: object, message: string): string {
  return JSON.stringify({ time: new Date().toISOString(), level, message, ...fields });
}

function textLine(level: string, fields: object, message: string): string {
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [new Date().toISOString(), level.padEnd(5), message, ...rest].join(' ');
}
