import type { Layout } from './layout.ts';

/** Danish. */
export const layout: Layout = {
  plain: ['½1234567890+ˊ', 'qwertyuiopå¨', "asdfghjklæø'", '<zxcvbnm,.-'],
  shift: ['§!"#¤%&/()=?ˋ', 'QWERTYUIOPÅˆ', 'ASDFGHJKLÆØ*', '>ZXCVBNM;:_'],
  altGr: ['  @£$  {[]} |', '  €        ˜', '', '\\      µ'],
};
