import type { Layout } from './layout.ts';

/** Portuguese. */
export const layout: Layout = {
  plain: ["\\1234567890'«", 'qwertyuiop+ˊ', 'asdfghjklçº˜', '<zxcvbnm,.-'],
  shift: ['|!"#$%&/()=?»', 'QWERTYUIOP*ˋ', 'ASDFGHJKLÇªˆ', '>ZXCVBNM;:_'],
  altGr: ['  @£§  {[]}', '  €       ¨', '', ''],
};
