import type { Layout } from './layout.ts';

/** Italian. */
export const layout: Layout = {
  plain: ["\\1234567890'ì", 'qwertyuiopè+', 'asdfghjklòàù', '<zxcvbnm,.-'],
  shift: ['|!"£$%&/()=?^', 'QWERTYUIOPé*', 'ASDFGHJKLç°§', '>ZXCVBNM;:_'],
  altGr: ['           `~', '  €       []', '         @#', ''],
  shiftAltGr: ['', '          {}', '', ''],
};
