import { bulk } from './bulk.ts';
import type { Figure } from './figure.ts';
import { clipboard, fleet, viewOnly } from './fleet.ts';
import { idle } from './idle.ts';
import { page } from './page.ts';
import { pingPong } from './ping-pong.ts';
import { signIn } from './sign-in.ts';
import { stall } from './stall.ts';
import { stock } from './stock.ts';
import { storm } from './storm.ts';
import { upload } from './upload.ts';

/** All figures, in the order they are measured and shown. */
export const figures: readonly Figure[] = [
  bulk,
  fleet,
  viewOnly,
  clipboard,
  pingPong,
  upload,
  idle,
  stall,
  storm,
  page,
  signIn,
  stock,
];
