import { current } from '../current.ts';
import { elements } from '../elements.ts';
import { say } from '../language/language.ts';
import { fileName } from './file-name.ts';

const { panel, save, copy, link, note } = elements.screenshot;

/** Wires the panel that takes a picture of the whole remote screen, at its own size. */
export function bindScreenshot(label: string): void {
  copy.hidden = !('ClipboardItem' in window && navigator.clipboard);
  save.addEventListener('click', async () => {
    const picture = await take();
    if (!picture) return;
    const url = URL.createObjectURL(picture);
    link.href = url;
    link.download = fileName(label, new Date(), 'png');
    link.click();
    // The browser reads it after the click.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    panel.hidePopover();
    current.focus();
  });
  copy.addEventListener('click', async () => {
    // A promise, as Safari only lets a page write in the very moment of the click.
    const picture = take().then((blob) => blob ?? Promise.reject(new Error('no picture')));
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': picture })]).then(
      () => tell('The picture is in your clipboard.'),
      () => tell('The browser did not let the picture into your clipboard.'),
    );
  });
  panel.addEventListener('beforetoggle', () => {
    note.textContent = '';
  });
  current.onOver(() => panel.hidePopover());
}

function take(): Promise<Blob | null> {
  const { desktop } = current;
  return new Promise((resolve) => {
    if (desktop) desktop.toBlob(resolve, 'image/png');
    else resolve(null);
  });
}

function tell(text: string): void {
  note.textContent = say(text);
}
