import type { Layout } from './layout.ts';

/** German. */
export const layout: Layout = {
  plain: ['ˆ1234567890ßˊ', 'qwertzuiopü+', 'asdfghjklöä#', '<yxcvbnm,.-'],
  shift: ['°!"§$%&/()=?ˋ', 'QWERTZUIOPÜ*', "ASDFGHJKLÖÄ'", '>YXCVBNM;:_'],
  altGr: ['  ²³   {[]}\\', '@ €        ~', '', '|      µ'],
};
