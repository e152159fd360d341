import { bindLanguage } from '../language/page-language.ts';
import { bindTheme } from '../toolbar/theme.ts';

// The start page of the stand-alone program: a form, which needs no script but to be read.

bindTheme();
bindLanguage(document.head);
