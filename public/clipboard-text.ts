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
