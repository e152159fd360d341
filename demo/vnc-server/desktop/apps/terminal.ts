import { REGULAR } from '../../drawing/font.ts';
import { Surface } from '../../drawing/surface.ts';
import type { App, AppHost, KeyInput } from '../app.ts';
import { type CommandHost, runCommand } from './commands.ts';

const COLUMNS = 64;
const ROWS = 22;
const LINE_HEIGHT = 18;
const PADDING = 12;
const MAX_LINE = 256;
const MAX_PASTE = 4096;
const BLINK = 530;

const BACKGROUND = 0x171a30;
const TEXT = 0xd9dcf2;
const PROMPT_COLOR = 0x7fd6a4;
const PROMPT = '$ ';

const KEY = { backspace: 0xff08, tab: 0xff09, enter: 0xff0d, keypadEnter: 0xff8d } as const;

/** A window to type commands into. */
export class Terminal implements App {
  readonly title = 'Terminal';
  readonly surface = new Surface(
    COLUMNS * REGULAR.width + 2 * PADDING,
    ROWS * LINE_HEIGHT + 2 * PADDING,
  );
  readonly #host: AppHost;
  #column = 0;
  #row = 0;
  #line: string[] = [];
  #cursorShown = false;

  constructor(host: AppHost) {
    this.#host = host;
    this.surface.fill(this.surface.bounds, BACKGROUND);
    this.#print('Welcome. This desktop is drawn by the demo itself.\n', 0xf5c542);
    this.#print('Type help to see what it can do.\n\n');
    this.#prompt();
  }

  onKey({ keysym, control, hangUp }: KeyInput): void {
    const text = printable(keysym);
    if (control) this.#control(text.toLowerCase());
    else if (keysym === KEY.backspace) this.#erase();
    else if (keysym === KEY.enter || keysym === KEY.keypadEnter) this.#enter(hangUp);
    else if (text) this.#type(text);
  }

  onPaste(text: string): void {
    for (const character of text.slice(0, MAX_PASTE).replace(/\r\n?/g, '\n')) {
      if (character === '\n') this.#enter(() => {});
      else if (character >= ' ') this.#type(character);
    }
  }

  onTick(now: Date): void {
    const shown = Math.floor(now.getTime() / BLINK) % 2 === 0;
    if (shown !== this.#cursorShown) this.#showCursor(shown);
  }

  #type(character: string): void {
    if (this.#line.length === MAX_LINE) {
      this.#host.ringBell();
      return;
    }
    this.#line.push(character);
    this.#print(character);
    this.#showCursor(true);
  }

  #erase(): void {
    if (this.#line.pop() === undefined) return;
    this.#showCursor(false);
    if (this.#column === 0) {
      this.#column = COLUMNS;
      this.#row--;
    }
    this.#column--;
    this.#fillCells(1, BACKGROUND);
    this.#showCursor(true);
  }

  #enter(hangUp: () => void): void {
    const line = this.#line.join('').trim();
    this.#line = [];
    this.#print('\n');
    if (line) runCommand(line, this.#commandHost(hangUp));
    this.#prompt();
  }

  #control(letter: string): void {
    if (letter === 'l') this.#clear();
    else if (letter === 'c') this.#print('^C\n');
    else return;
    this.#line = [];
    this.#prompt();
  }

  #commandHost(hangUp: () => void): CommandHost {
    return {
      print: (text: string) => this.#print(`${text}\n`),
      clear: () => this.#clear(),
      ringBell: () => this.#host.ringBell(),
      sendCutText: (text: string) => this.#host.sendCutText(text),
      rename: (name: string) => this.#host.rename(name),
      describe: () => this.#host.describe(),
      hangUp,
    };
  }

  #prompt(): void {
    this.#print(PROMPT, PROMPT_COLOR);
    this.#showCursor(true);
  }

  #print(text: string, color = TEXT): void {
    this.#showCursor(false);
    for (const character of text) {
      if (character === '\n' || this.#column === COLUMNS) this.#breakLine();
      if (character === '\n') continue;
      REGULAR.draw(this.surface, this.#left, this.#top + 1, character, color);
      this.#damageCells(1);
      this.#column++;
    }
    // The cursor needs a cell of its own.
    if (this.#column === COLUMNS) this.#breakLine();
  }

  #breakLine(): void {
    this.#column = 0;
    if (this.#row < ROWS - 1) {
      this.#row++;
      return;
    }
    const { width } = this.surface;
    const area = { x: 0, y: PADDING, width, height: (ROWS - 1) * LINE_HEIGHT };
    this.surface.copy(area, 0, -LINE_HEIGHT);
    this.#host.scrolled(area, LINE_HEIGHT);
    this.#fillCells(COLUMNS, BACKGROUND);
  }

  #clear(): void {
    this.surface.fill(this.surface.bounds, BACKGROUND);
    this.#host.damaged(this.surface.bounds);
    this.#column = 0;
    this.#row = 0;
    this.#cursorShown = false;
  }

  #showCursor(shown: boolean): void {
    if (shown === this.#cursorShown) return;
    this.#cursorShown = shown;
    this.#fillCells(1, shown ? TEXT : BACKGROUND);
  }

  #fillCells(count: number, color: number): void {
    this.surface.fill(this.#cells(count), color);
    this.#damageCells(count);
  }

  #damageCells(count: number): void {
    this.#host.damaged(this.#cells(count));
  }

  #cells(count: number) {
    const width = count * REGULAR.width;
    return { x: this.#left, y: this.#top, width, height: LINE_HEIGHT };
  }

  get #left(): number {
    return PADDING + this.#column * REGULAR.width;
  }

  get #top(): number {
    return PADDING + this.#row * LINE_HEIGHT;
  }
}

/** The character of a keysym: Latin-1 as it is, and Unicode above its mark. */
function printable(keysym: number): string {
  if (keysym === KEY.tab) return ' ';
  if ((keysym >= 0x20 && keysym < 0x7f) || (keysym >= 0xa0 && keysym <= 0xff)) {
    return String.fromCodePoint(keysym);
  }
  const codePoint = keysym - 0x1000000;
  return codePoint >= 0x100 && codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : '';
}
