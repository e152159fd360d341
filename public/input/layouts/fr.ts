import type { Layout } from './layout.ts';

/** French. */
export const layout: Layout = {
  plain: ['²&é"\'(-è_çà)=', 'azertyuiopˆ$', 'qsdfghjklmù*', '<wxcvbn,;:!'],
  shift: [' 1234567890°+', 'AZERTYUIOP¨£', 'QSDFGHJKLM%µ', '>WXCVBN?./§'],
  altGr: ['  ~#{[|`\\^@]}', '  €', '', ''],
};
