/** A test, by its file and by how its title begins. */
export type Proof = readonly [file: string, title: string];

/**
 * What noVNC's own application offers (vnc.html and app/ui.js of 1.7.0), in its order, and the tests
 * that a person finds the same or better here, each on a real VNC server. Left out on purpose: host,
 * port, path and encryption, which are not the browser's to say, and the repeater's number.
 */
export const STOCK_FEATURES: Readonly<Record<string, readonly Proof[]>> = {
  'connects by itself': [['screen', "shows what TigerVNC's server draws, through"]],
  'a control bar at an edge, which can hide': [
    ['toolbar', 'lies at the'],
    ['toolbar', 'slides away when it is not pinned, and comes when the pointer does'],
  ],
  'dragging what is seen': [['screen-modes', 'show it pixel by pixel, and let it be dragged']],
  'the keyboard of touch devices': [
    ['touch-keyboard', 'writes text, lines and emoji on the console'],
    ['touch-keyboard', 'puts a word right that it composes'],
  ],
  'touch gestures': [
    ['touch', 'click where they tap: one, two and three of them with three buttons'],
    ['touch', 'press the right button when they rest'],
    ['touch', 'turn the wheel, two of them together, either way'],
    ['touch', 'turn the wheel with Ctrl when they spread and pinch, and press no other key'],
  ],
  'extra keys': [
    ['keys', 'come from every button of the panel, in the right order, to a console that goes by'],
    ['input', 'sends Ctrl-Alt-Del, and lets go of the keys'],
  ],
  'shutting down and resetting a machine': [
    ['power', 'is pressed for QEMU once it is asked and answered'],
  ],
  'rebooting it, which QEMU refuses': [
    ['power', 'says when QEMU refuses, as it does to start the machine anew'],
  ],
  'the clipboard': [
    ['input', 'shows what is copied on the console'],
    ['input', 'takes text to the console'],
  ],
  'full screen': [['input', 'uses the whole screen, and gives it back']],
  'sharing, or not': [
    ['sharing', 'both stay, see the same, and are heard when they share'],
    ['sharing', 'are one when the second does not share, and the first is told why'],
  ],
  'only watching': [
    ['input', 'takes nothing of who only watches, and all of it again once that is switched off'],
  ],
  'clipping to the window': [['screen-modes', 'show it pixel by pixel, and let it be dragged']],
  'scaling to the window': [
    ['screen', 'fits a small window, whole and in proportion'],
    ['screen-modes', 'enlarge it too, in proportion'],
  ],
  'resizing the desktop': [
    ['screen-modes', 'have the server take the size of the page, and follow it'],
  ],
  'quality and compression': [
    [
      'screen-tools',
      'has the server send less for a smaller picture, from the moment it is chosen',
    ],
  ],
  'reconnecting by itself': [['reconnect', 'comes back by itself when the VNC server does']],
  'a dot for the cursor': [
    ['cursor', 'is none where the desktop hides it, or a dot if that is wished'],
  ],
  'a log, here details to copy': [
    ['reconnect', 'does not ask for the password again, and tells it to nobody'],
  ],
  'the bell': [['bell', 'is heard, seen, or neither, as the settings say']],
  'keeping the device awake': [
    ['screen-tools', 'keeps the display on while it is connected, if the viewer wants that'],
    ['hidden', 'lets the display sleep behind another tab, and keeps it on again before it'],
  ],
  disconnecting: [['ends', 'and another one can be opened after it']],
  'saying what it does, and how it ended': [
    ['accessibility', 'announces its states, and an end at once'],
    ['ends', 'when the VNC server is killed'],
  ],
  cancelling: [['ends', 'when the viewer does not wait for a VNC server that says nothing']],
  'signing in by a password': [['sign-in', 'takes the right password, through']],
  'signing in by a user name': [['sign-in', 'takes it to a TigerVNC that asks PAM']],
  'signing in as Apple does': [['sign-in', 'takes it to a wayvnc that asks as Apple does']],
  'signing in to a machine behind XVP': [
    ['sign-in', 'takes what XVP wants to know, and shows the machine behind it'],
  ],
  'the identity of a server': [['identity', 'is asked about once, and then its password']],
  'a question before it is left': [
    ['leaving', 'goes without a question, unless the viewer wants one while a console is open'],
  ],
  'a word about errors of its own': [['leaving', 'says that something in it failed, and goes on']],
  'settings in the address': [
    ['embedding', 'takes some settings from behind the # of its address, and keeps none'],
  ],
  'settings that the host has preset, or forces': [
    ['toolbar', 'does not offer what the host has hidden, nor lets change what it has forced'],
  ],
  'settings that are kept': [
    [
      'toolbar',
      'changes the page by the settings, and keeps them for this console, but colours for all',
    ],
  ],
  'twenty languages': [['language', 'is German in a German browser, from connecting to the end']],
  'the home screen of a phone': [
    [
      'embedding',
      'offers an icon to who puts a console, or the wall of them, on the home screen of a phone',
    ],
  ],
  'the name of the desktop': [
    ['screen', 'puts the name of the desktop in the title, and each that it gets'],
  ],
};
