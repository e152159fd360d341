const NO_TOUCH = 'WebDriver BiDi gives Firefox no touch screen';
const NO_ALT_GRAPH = 'WebDriver has no AltGr';
const NO_FRAMES = 'Playwright sees no WebSocket in Firefox';
const NO_SWITCH = 'Firefox takes scripts away from all tabs or none';
const NO_PICTURES = 'the clipboard of a Firefox without windows takes text only';
const LEAVES = 'Tab leads on to the window of Firefox, where no test can go';
const ONE_SCHEME = 'Firefox ESR lets nobody choose its colour scheme';

/** The tests that are not run in Firefox, by suite and title, and why. */
export const NOT_IN_FIREFOX: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'the page in an app': {
    'takes nothing from the query of its address': NO_FRAMES,
    'says that it needs JavaScript where there is none': NO_SWITCH,
  },
  keys: {
    'with AltGr arrive as the characters they are': NO_ALT_GRAPH,
  },
  'the toolbar and the settings': {
    'is one stop for Tab, which comes back to where it was': LEAVES,
    'comes by a tap when it is not pinned, and goes by another': NO_TOUCH,
    'has few tools on a phone, and all others one tap away, at the top edge': NO_TOUCH,
    'has few tools on a phone, and all others one tap away, at the right edge': NO_TOUCH,
    'has few tools on a phone, and all others one tap away, at the bottom edge': NO_TOUCH,
    'has few tools on a phone, and all others one tap away, at the left edge': NO_TOUCH,
  },
  'what the toolbar does with the screen': {
    'copies that picture to the own clipboard': NO_PICTURES,
    'tells the server of quality and compression when they change': NO_FRAMES,
  },
  'the wall': {
    'looks good on a desk and in a hand, by day and by night': ONE_SCHEME,
  },
};
