import type { Layout } from './layout.ts';

/** Swedish. */
export const layout: Layout = {
  plain: ['§1234567890+ˊ', 'qwertyuiopå¨', "asdfghjklöä'", '<zxcvbnm,.-'],
  shift: ['½!"#¤%&/()=?ˋ', 'QWERTYUIOPÅˆ', 'ASDFGHJKLÖÄ*', '>ZXCVBNM;:_'],
  altGr: ['  @£$€ {[]}\\', '  €        ˜', '', '|      µ'],
};
