import type { Layout } from './layout.ts';

/** Swiss German. */
export const layout: Layout = {
  plain: ["§1234567890'ˆ", 'qwertzuiopü¨', 'asdfghjklöä$', '<yxcvbnm,.-'],
  shift: ['°+"*ç%&/()=?ˋ', 'QWERTZUIOPè!', 'ASDFGHJKLéà£', '>YXCVBNM;:_'],
  altGr: ['  @#  ¬|¢  ˊ˜', '  €       []', '          {}', '\\'],
};
