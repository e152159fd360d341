import { bindConnection, connect, disconnect, reconnect } from './connection/connection.ts';
import { elements } from './elements.ts';
import { bindActions } from './host/actions.ts';
import { bindEmbedding } from './host/embedding.ts';
import { bindClipboard } from './input/clipboard.ts';
import { bindDeadKeys } from './input/dead-keys.ts';
import { bindKeyRelease } from './input/key-release.ts';
import { bindKeys } from './input/keys.ts';
import { bindTouchKeyboard } from './input/touch-keyboard.ts';
import { bindTyping } from './input/typing.ts';
import { bindLanguage } from './language/page-language.ts';
import { bindBell } from './screen/bell.ts';
import { bindDesktopSettings } from './screen/desktop-settings.ts';
import { bindFullScreen } from './screen/full-screen.ts';
import { bindKeepAwake } from './screen/keep-awake.ts';
import { bindPower } from './screen/power.ts';
import { bindScaling } from './screen/scaling.ts';
import { bindScreenshot } from './screen/screenshot.ts';
import { bindStatistics } from './screen/statistics.ts';
import { bindViewDrag } from './screen/view-drag.ts';
import { bindWayOut } from './screen/way-out.ts';
import { bindSettingsPanel } from './toolbar/settings-panel.ts';
import { bindTheme } from './toolbar/theme.ts';
import { bindToolbar } from './toolbar/toolbar.ts';
import { bindToolbarPlace, focusToolbar } from './toolbar/toolbar-place.ts';

// Binds the page once, and opens a session each time.

const label = elements.label.textContent;
const relay = elements.root.dataset.relay ?? '';

bindLanguage();
bindTheme();
bindToolbarPlace();
bindSettingsPanel();
bindToolbar(disconnect);
bindKeyRelease(elements.screen);
bindDeadKeys(elements.screen);
bindKeys();
bindTouchKeyboard();
bindClipboard();
bindTyping();
bindViewDrag();
bindScaling();
bindDesktopSettings();
bindFullScreen();
bindKeepAwake();
bindBell();
bindScreenshot(label);
bindPower();
bindStatistics();
bindActions(relay, label);
bindEmbedding({ disconnect, reconnect });
bindWayOut(elements.screen, focusToolbar);
bindConnection();
// Until this is here, the page waits for its script, and says so if that takes long.
elements.root.dataset.loaded = '';
connect();
