import { showChoices } from '../toolbar/first-look.ts';
import { open } from './dial.ts';

// The page runs this before it is read any further, and so before there is anything in it: the relay
// reaches the VNC server while the rest is still on its way, and the page is as it was chosen to be.

const root = document.documentElement;
globalThis.firstChannel = open(root.dataset.relay ?? '');
showChoices(root);
