import type { Door } from './host-app.ts';

// What Firefox cannot do, or cannot be asked to.
const NO_TOUCH = 'WebDriver BiDi gives Firefox no touch screen';
const NO_ALT_GRAPH = 'WebDriver has no AltGr';
const NO_SCHEME = 'Firefox ESR lets nobody choose its colour scheme';
const NO_FRAMES = 'Playwright sees no WebSocket of Firefox';
const NO_SWITCH = 'Firefox takes scripts away from all tabs or none';
const NO_PICTURES = 'the clipboard of a Firefox without windows takes text only';
const NO_WAY_BACK = 'Tab leads on to the window of Firefox, where no test can go';

const NO_BROWSER = 'there is no browser in it';

// What would tell nothing new, and take its time.
const CODE = 'it gets but another close code';
const DOCUMENT = 'it has the same document';
const SCRIPT = 'it runs the same script with the same keys';

/** The suites that are not run in Firefox, by file, and why. */
export const CHROMIUM_ONLY: Readonly<Record<string, string>> = {
  'accessibility.test.ts': DOCUMENT,
  'connect.test.ts': NO_BROWSER,
  'demo.test.ts': 'the demo is an app like those of the other suites',
  'desk.test.ts': 'only Chromium’s own protocol sets its locks, windows and whole screens',
  'first-sight.test.ts': NO_SCHEME,
  'gateway-login.test.ts': NO_BROWSER,
  'gateway-rights.test.ts': NO_BROWSER,
  'gateway.test.ts': 'the relay is tried, and a browser hears the same of it',
  'hidden.test.ts': 'no test can hide a tab of Firefox',
  'looks.test.ts': NO_SCHEME,
  'real-servers.test.ts': NO_BROWSER,
  'reverse-proxies.test.ts': NO_BROWSER,
  'server-messages.test.ts': NO_BROWSER,
  'touch-keyboard.test.ts': NO_TOUCH,
  'touch.test.ts': NO_TOUCH,
  'weight.test.ts': 'it loads the same files',
};

/** The tests of the others that are not run in Firefox, by suite and title, and why. */
export const NOT_IN_FIREFOX: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  keys: {
    'come from every button of the panel, in the right order, to a console that goes by what is on them':
      SCRIPT,
    'with AltGr arrive as the characters they are': NO_ALT_GRAPH,
  },
  'text that is typed out': {
    'arrives on consoles of every layout, every character of it': SCRIPT,
  },
  'the cursor': {
    'is where the finger was, on a phone': NO_TOUCH,
  },
  'the element': {
    'opens a console in the react example, shows its state and ends it': DOCUMENT,
    'opens a console in the vue example, shows its state and ends it': DOCUMENT,
  },
  'the end of a console is told in words': {
    'when the VNC server is killed': CODE,
    'when the name has no address': CODE,
    'when what answers is no VNC server': CODE,
    'when nothing is said in time': CODE,
    'when the app shuts its consoles down': CODE,
    'when the time is over': CODE,
    'when the console may not be opened any longer': CODE,
    'when too many are open': CODE,
    'when it is closing already before noVNC is there':
      'it tells of an end without waiting for the other side',
  },
  'the page in an app': {
    'offers an icon to who puts a console, or the wall of them, on the home screen of a phone':
      NO_TOUCH,
    'takes nothing from the query of its address': NO_FRAMES,
    'says that it needs JavaScript where there is none': NO_SWITCH,
  },
  'the page speaks the language of who reads it': {
    'names its language for screen readers, as axe wants it': DOCUMENT,
  },
  'the toolbar and the settings': {
    'is one stop for Tab, which comes back to where it was': NO_WAY_BACK,
    'comes by a tap when it is not pinned, and goes by another': NO_TOUCH,
    'has few tools on a phone, and all others one tap away, at the top edge': NO_TOUCH,
    'has few tools on a phone, and all others one tap away, at the right edge': NO_TOUCH,
    'has few tools on a phone, and all others one tap away, at the bottom edge': NO_TOUCH,
    'has few tools on a phone, and all others one tap away, at the left edge': NO_TOUCH,
  },
  'the wall': {
    'looks good on a desk and in a hand, by day and by night': NO_SCHEME,
  },
  'what the toolbar does with the screen': {
    'copies that picture to the own clipboard': NO_PICTURES,
  },
};

/** To a browser both doors are the same. */
export const FIREFOX_DOORS: readonly Door[] = ['attach'];
