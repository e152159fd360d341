/** Every element the script touches; nothing else looks one up. */
export const elements = {
  root: document.documentElement,
  /** In the head, which a view of the host's own may fill otherwise: any of them may be missing. */
  icon: document.querySelector<HTMLLinkElement>('link[rel="icon"]'),
  touchIcon: document.querySelector<HTMLLinkElement>('link[data-touch-icon]'),
  windowColour: document.querySelector<HTMLMetaElement>('meta[name="theme-color"]'),
  label: find('label', HTMLElement),
  status: find('status', HTMLElement),
  screen: find('screen', HTMLElement),
  outcome: find('outcome', HTMLElement),

  curtain: {
    headline: find('headline', HTMLElement),
    cause: find('cause', HTMLElement),
    detail: find('detail', HTMLElement),
    hint: find('hint', HTMLElement),
    countdown: find('countdown', HTMLElement),
    /** What can be done about an end; `data-way` says which it is. */
    ways: [...document.querySelectorAll<HTMLButtonElement>('button[data-way]')],
    now: find('now', HTMLButtonElement),
    stop: find('stop', HTMLButtonElement),
    cancel: find('cancel', HTMLButtonElement),
  },
  details: {
    box: find('details', HTMLDetailsElement),
    text: find('details-text', HTMLElement),
    copy: find('details-copy', HTMLButtonElement),
    note: find('details-note', HTMLElement),
  },
  toolbar: {
    bar: find('toolbar', HTMLElement),
    handle: find('show-toolbar', HTMLButtonElement),
    tools: find('tools', HTMLElement),
    more: find('more', HTMLElement),
    ctrlAltDel: find('ctrl-alt-del', HTMLButtonElement),
    clipboard: find('open-clipboard', HTMLButtonElement),
    fullScreen: find('full-screen', HTMLButtonElement),
    viewDrag: find('view-drag', HTMLButtonElement),
    screenshot: find('open-screenshot', HTMLButtonElement),
    power: find('open-power', HTMLButtonElement),
    statistics: find('open-statistics', HTMLButtonElement),
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
    size: find('clipboard-size', HTMLElement),
  },
  keys: {
    panel: find('keys', HTMLElement),
    open: find('open-keys', HTMLButtonElement),
    release: find('keys-release', HTMLButtonElement),
  },
  touchKeyboard: {
    open: find('open-touch-keyboard', HTMLButtonElement),
    field: find('touch-keyboard', HTMLTextAreaElement),
  },
  typing: {
    panel: find('typing', HTMLElement),
    open: find('open-typing', HTMLButtonElement),
    text: find('typing-text', HTMLTextAreaElement),
    layout: find('typing-layout', HTMLSelectElement),
    pace: find('typing-pace', HTMLInputElement),
    start: find('typing-start', HTMLButtonElement),
    cancel: find('typing-cancel', HTMLButtonElement),
    running: find('typing-running', HTMLElement),
    bar: find('typing-bar', HTMLProgressElement),
    count: find('typing-count', HTMLElement),
    note: find('typing-note', HTMLElement),
  },
  /** The host's own buttons, and what they lead to. */
  actions: {
    buttons: [...document.querySelectorAll<HTMLButtonElement>('button[data-action]')],
    confirm: find('confirm', HTMLDialogElement),
    question: find('confirm-question', HTMLElement),
    ok: find('confirm-ok', HTMLButtonElement),
  },
  settings: {
    panel: find('settings', HTMLElement),
    presetRow: find('picture-preset-row', HTMLElement),
    preset: find('picture-preset', HTMLSelectElement),
    custom: find('picture-custom', HTMLElement),
    keep: find('settings-keep', HTMLButtonElement),
    reset: find('settings-reset', HTMLButtonElement),
    note: find('settings-note', HTMLElement),
  },
  screenNotes: {
    leaveFullScreen: find('leave-full-screen', HTMLElement),
  },
  power: {
    panel: find('power', HTMLElement),
    shutDown: find('power-shut-down', HTMLButtonElement),
    reboot: find('power-reboot', HTMLButtonElement),
    reset: find('power-reset', HTMLButtonElement),
    confirmShutDown: find('confirm-shut-down', HTMLDialogElement),
    confirmReboot: find('confirm-reboot', HTMLDialogElement),
    confirmReset: find('confirm-reset', HTMLDialogElement),
  },
  screenshot: {
    panel: find('screenshot', HTMLElement),
    save: find('screenshot-save', HTMLButtonElement),
    copy: find('screenshot-copy', HTMLButtonElement),
    link: find('screenshot-link', HTMLAnchorElement),
    note: find('screenshot-note', HTMLElement),
  },
  statistics: {
    panel: find('statistics', HTMLElement),
    line: find('statistics-line', SVGPolylineElement),
    roundTrip: find('statistics-round-trip', HTMLElement),
    frames: find('statistics-frames', HTMLElement),
    received: find('statistics-received', HTMLElement),
    sent: find('statistics-sent', HTMLElement),
    encodings: find('statistics-encodings', HTMLElement),
    size: find('statistics-size', HTMLElement),
    scale: find('statistics-scale', HTMLElement),
  },
  credentials: {
    dialog: find('credentials', HTMLDialogElement),
    failed: find('credentials-failed', HTMLElement),
    show: find('credentials-show', HTMLInputElement),
  },
  identity: {
    dialog: find('identity', HTMLDialogElement),
    signature: find('identity-signature', HTMLElement),
    sha256: find('identity-sha256', HTMLElement),
    remember: find('identity-remember', HTMLInputElement),
  },
  /** A server that is not the one that was trusted. */
  stranger: {
    dialog: find('stranger', HTMLDialogElement),
    oldSignature: find('stranger-old-signature', HTMLElement),
    oldSha256: find('stranger-old-sha256', HTMLElement),
    signature: find('stranger-signature', HTMLElement),
    sha256: find('stranger-sha256', HTMLElement),
  },
};

function find<Kind extends Element>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The console page has no ${kind.name} "${id}"`);
  return found;
}
