import { bindActions } from './actions.ts';
import { bindBell } from './bell.ts';
import { bindClipboard } from './clipboard.ts';
import { bindConnection, connect, disconnect, reconnect } from './connection.ts';
import { bindDesktopSettings } from './desktop-settings.ts';
import { elements } from './elements.ts';
import { bindEmbedding } from './embedding.ts';
import { bindFullScreen } from './full-screen.ts';
import { bindKeepAwake } from './keep-awake.ts';
import { bindKeyRelease } from './key-release.ts';
import { bindKeys } from './keys.ts';
import { bindLanguage } from './page-language.ts';
import { bindPower } from './power.ts';
import { bindScaling } from './scaling.ts';
import { bindScreenshot } from './screenshot.ts';
import { bindSettingsPanel } from './settings-panel.ts';
import { bindStatistics } from './statistics.ts';
import { bindTheme } from './theme.ts';
import { bindToolbar } from './toolbar.ts';
import { bindToolbarPlace, focusToolbar } from './toolbar-place.ts';
import { bindTouchKeyboard } from './touch-keyboard.ts';
import { bindTyping } from './typing.ts';
import { bindViewDrag } from './view-drag.ts';
import { bindWayOut } from './way-out.ts';

// Binds the page once, and opens a session each time.

const label = elements.label.textContent;
const relay = elements.root.dataset.relay ?? '';

bindLanguage();
bindTheme();
bindToolbarPlace();
bindSettingsPanel();
bindToolbar(disconnect);
bindKeyRelease(elements.screen);
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
