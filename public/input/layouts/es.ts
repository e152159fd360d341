import type { Layout } from './layout.ts';

/** Spanish. */
export const layout: Layout = {
  plain: ["º1234567890'¡", 'qwertyuiopˋ+', 'asdfghjklñˊç', '<zxcvbnm,.-'],
  shift: ['ª!"·$%&/()=?¿', 'QWERTYUIOPˆ*', 'ASDFGHJKLÑ¨Ç', '>ZXCVBNM;:_'],
  altGr: ['\\|@#~ ¬', '  €       []', '          {}', ''],
};
