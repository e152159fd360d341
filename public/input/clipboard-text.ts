/** The most text that goes either way, in bytes of UTF-8. */
export const MOST_TEXT = 1024 * 1024;

/**
 * What stands in the clipboard panel: text from the console, or what a person is writing there. The
 * one never takes the place of the other unasked.
 */
export class ClipboardText {
  value = '';
  /** What the console has sent while a person was writing. */
  held: string | null = null;
  #isDraft = false;

  /** The person wrote. */
  write(value: string): void {
    this.value = value;
    this.#isDraft = value !== '';
  }

  /** What stands there has gone to the console: it is no loss any more. */
  markSent(): void {
    this.#isDraft = false;
  }

  /** The console sent text. X servers send an empty one for a clipboard that was never filled. */
  receive(received: string): 'shown' | 'held' | 'nothing' {
    if (received === '') return 'nothing';
    if (this.#isDraft && received !== this.value) {
      this.held = received;
      return 'held';
    }
    this.#show(received);
    return 'shown';
  }

  /** The person would rather have what is held. */
  showHeld(): void {
    if (this.held !== null) this.#show(this.held);
  }

  #show(text: string): void {
    this.value = text;
    this.held = null;
    this.#isDraft = false;
  }
}

/** The size of a text in bytes of UTF-8. */
export function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A size for people: `1.2 KB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1000, 'KB'] : [bytes / 1_000_000, 'MB'];
  return `${size < 100 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}

/** The beginning of a text, of so many bytes at most, and no character cut in two. */
export function cutText(text: string, most: number): string {
  const bytes = new Uint8Array(most);
  const { read } = new TextEncoder().encodeInto(text, bytes);
  return text.slice(0, read);
}

/** The first few characters that Latin-1 does not have. */
export function beyondLatin1(text: string): string[] {
  return [...new Set(text.match(/[^\0-ÿ]/gu))].slice(0, 5);
}
