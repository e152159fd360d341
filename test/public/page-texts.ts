import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ejs from 'ejs';
import { transform } from 'esbuild';
import { ENDS } from '../../lib/errors.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What is the same in every language: keys, names of things, and words for programs. */
const NAMES = new Set([
  ...['Alt', 'AltGr', 'Backspace', 'Ctrl', 'Ctrl-Alt-Del', 'Del', 'Delete', 'End', 'Enter', 'Esc'],
  ...['Escape', 'Home', 'Ins', 'Insert', 'Meta', 'Pause', 'PrtSc', 'Shift', 'Super', 'Tab', 'Win'],
  ...['English', 'PNG', 'HTTPS', 'SHA-1', 'SHA-256', 'WebSocket', 'VNC', 'noVNC'],
  ...['Security', 'Authentication', 'X-Express-Novnc', 'Raw', 'Hextile', 'Zlib', 'Tight'],
]);

/** Keys by the names that only scripts know. */
const KEYS = new Set(['Control', 'Dead', 'Shift', 'Meta', 'Escape', 'Enter', 'Tab']);

/** Keys that are pressed together. */
const CHORD = /^(Ctrl|Alt|Shift|Win)\+/;

/** Scripts that are on no console page, or have names of keys only. */
const SILENT =
  /\.d\.ts$|^public\/(languages|input\/layouts|element|wall)\/|\/(key-codes|opening-words|refused)\.ts$/;

/** Every English text that a person can meet on the page, each with where it is. */
export async function pageTexts(views: readonly [name: string, data: object][]): Promise<Texts> {
  const texts = new Map<string, string>();
  const add = (text: string, where: string) => {
    if (isText(text) && !texts.has(text)) texts.set(text, where);
  };
  for (const { words } of Object.values(ENDS)) add(words, 'lib/errors.ts');
  for (const [name, data] of views) {
    const file = join(ROOT, `views/${name}.ejs`);
    const html = await ejs.renderFile(file, data, { strict: true, localsName: 'page' });
    for (const text of textsOfHtml(html)) add(text, `views/${name}.ejs`);
  }
  for (const file of scripts()) {
    for (const text of await textsOfScript(file)) add(text, file);
  }
  return texts;
}

export type Texts = ReadonlyMap<string, string>;

/** The texts of a page's body: of its elements, and of the attributes that are read out or shown. */
export function textsOfHtml(html: string): string[] {
  const body = html
    .replace(/^[\s\S]*<body[^>]*>/, '')
    .replace(/<(bdi|svg|script|style)\b[\s\S]*?<\/\1>/g, '<>')
    .replace(/<(\w+)[^>]* translate="no"[^>]*>[\s\S]*?<\/\1>/g, '<>');
  const attributes = body.matchAll(
    / (?:title|aria-label|aria-description|placeholder|alt|label)="([^"]*)"/g,
  );
  return [...[...attributes].map(([, text = '']) => text), ...body.split(/<[^>]*>/)]
    .map((text) => decode(text).replace(/\s+/g, ' ').trim())
    .filter((text) => text !== '');
}

/** The texts in a script: what is said, and every other literal that reads like words for people. */
async function textsOfScript(file: string): Promise<string[]> {
  // Without types and comments; each literal on its line.
  const { code } = await transform(readFileSync(join(ROOT, file), 'utf8'), {
    loader: 'ts',
    charset: 'utf8',
  });
  const shown = code.replace(/\b(?:Error|import)\((?:"(?:\\.|[^"\\])*"|`[^`]*`)\)/g, '()');
  return [...shown.matchAll(/"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g)]
    .map(([literal]) => literal.slice(1, -1).replaceAll(/\\(.)/g, '$1'))
    .filter((text) => /^\p{Lu}|\{\w+\}/u.test(text) && !KEYS.has(text));
}

function scripts(): string[] {
  return readdirSync(join(ROOT, 'public'), { recursive: true })
    .map((name) => join('public', String(name)))
    .filter((name) => /\.ts$/.test(name) && !SILENT.test(name))
    .sort();
}

/** Words of a language, and not a name, a key, a number or a word of a program. */
function isText(text: string): boolean {
  if (NAMES.has(text) || (CHORD.test(text) && !text.includes(' '))) return false;
  if (!/\p{L}{2}/u.test(text.replaceAll(/\{\w+\}/g, ''))) return false;
  if (/^[A-Z]+[A-Z\d_]*$/.test(text) || /^[A-Z]?[a-z]+[A-Z\d]\w*$/.test(text)) return false;
  return true;
}

function decode(text: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#34': '"' };
  return text.replace(/&(#?\w+);/g, (whole, name) => names[name] ?? whole);
}
