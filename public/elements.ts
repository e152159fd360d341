/** Every element the script touches; nothing else looks one up. */
export const elements = {
  root: document.documentElement,
  label: find('label', HTMLElement),
  status: find('status', HTMLElement),
  screen: find('screen', HTMLElement),

  curtain: {
    headline: find('headline', HTMLElement),
    cause: find('cause', HTMLElement),
    detail: find('detail', HTMLElement),
    reconnect: find('reconnect', HTMLButtonElement),
  },
  toolbar: {
    ctrlAltDel: find('ctrl-alt-del', HTMLButtonElement),
    clipboard: find('open-clipboard', HTMLButtonElement),
    fullScreen: find('full-screen', HTMLButtonElement),
    disconnect: find('disconnect', HTMLButtonElement),
  },
  clipboard: {
    panel: find('clipboard', HTMLElement),
    text: find('clipboard-text', HTMLTextAreaElement),
    send: find('clipboard-send', HTMLButtonElement),
    paste: find('clipboard-paste', HTMLButtonElement),
    copy: find('clipboard-copy', HTMLButtonElement),
    note: find('clipboard-note', HTMLElement),
    show: find('clipboard-show', HTMLButtonElement),
  },
  credentials: find('credentials', HTMLDialogElement),
  identity: {
    dialog: find('identity', HTMLDialogElement),
    signature: find('identity-signature', HTMLElement),
    sha256: find('identity-sha256', HTMLElement),
  },
};

function find<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The console page has no ${kind.name} "${id}"`);
  return found;
}
