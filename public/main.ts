import { bindClipboard, receiveText } from './clipboard.ts';
import { askCredentials } from './credentials.ts';
import { current } from './current.ts';
import { clearEnding, showEnding } from './curtain.ts';
import { elements } from './elements.ts';
import { askTrust } from './identity.ts';
import { openSession, type Session, type Viewer } from './session.ts';
import { showState } from './state.ts';
import { pageTitle } from './title.ts';
import { bindToolbar } from './toolbar.ts';
import { bindWayOut } from './way-out.ts';

// Binds the page once, and opens a session each time.

const label = elements.label.textContent;
const relay = elements.root.dataset.relay ?? '';
let session: Session | null = null;

const viewer: Viewer = {
  askCredentials,
  askTrust,
  onStage: showState,
  onClipboard: receiveText,
  onName(name) {
    document.title = pageTitle(label, name);
  },
  onConnected(desktop) {
    showState('connected');
    desktop.name(label);
    current.set(desktop);
    current.focus();
  },
  onEnd(ending) {
    current.set(null);
    session = null;
    // Whoever leaves does not want it to be seen any longer.
    if (ending.code === 'closed') elements.screen.replaceChildren();
    document.title = label;
    showState('ended');
    showEnding(ending);
  },
};

bindToolbar(() => session?.close());
bindClipboard();
bindWayOut(elements.screen, () => elements.toolbar.ctrlAltDel.focus());
elements.curtain.reconnect.addEventListener('click', connect);
// Until this is here, the page waits for its script, and says so if that takes long.
elements.root.dataset.loaded = '';
connect();

function connect(): void {
  clearEnding();
  session = openSession(relay, elements.screen, viewer);
}
