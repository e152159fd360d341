import type { Layout } from './layout.ts';

/** Norwegian. */
export const layout: Layout = {
  plain: ['|1234567890+\\', 'qwertyuiopå¨', "asdfghjkløæ'", '<zxcvbnm,.-'],
  shift: ['§!"#¤%&/()=?ˋ', 'QWERTYUIOPÅˆ', 'ASDFGHJKLØÆ*', '>ZXCVBNM;:_'],
  altGr: ['  @£$  {[]} ˊ', '  €        ˜', '', '       µ'],
};
