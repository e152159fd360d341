import { open } from './dial.ts';

// The page runs this before it is read any further, and so before there is anything in it: the relay
// reaches the VNC server while the rest is still on its way.
globalThis.firstChannel = open(document.documentElement.dataset.relay ?? '');
