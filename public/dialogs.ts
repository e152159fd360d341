/** Puts a question and resolves to whether the answer was "ok". When `over` aborts, it is "no". */
export function ask(dialog: HTMLDialogElement, over: AbortSignal): Promise<boolean> {
  if (over.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const withdraw = () => dialog.close('');
    over.addEventListener('abort', withdraw, { once: true });
    dialog.addEventListener(
      'close',
      () => {
        over.removeEventListener('abort', withdraw);
        resolve(dialog.returnValue === 'ok');
      },
      { once: true },
    );
    // Escape leaves the last value in place.
    dialog.returnValue = '';
    dialog.showModal();
  });
}
