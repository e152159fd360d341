import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ejs from 'ejs';

/** Renders a view of ours, or the host's of that name, with what it is given as `page`. */
export type Render = (name: string, page: object) => string;

const OURS = fileURLToPath(new URL('../../views/', import.meta.url));

let instances = 0;

/** Makes what renders views: those of the host's folder before ours, each compiled once. */
export function createRender(folder: string | undefined): Render {
  const instance = folder === undefined ? '' : `#${++instances}`;
  const compiled = new Map<string, ejs.TemplateFunction>();

  function find(name: string): { filename: string; template: string } {
    const file = `${name.replace(/\.ejs$/, '')}.ejs`;
    const own = folder === undefined ? null : join(folder, file);
    const found =
      own !== null && existsSync(own) ? own : join(OURS, file.replace(/^(\.\/)?ours\//, ''));
    // EJS caches by file name, in one cache for all: ours include what this host's folder says.
    return { filename: found + instance, template: readFileSync(found, 'utf8') };
  }

  // EJS takes both; its types know either.
  const includer = (part: string) => find(part) as ReturnType<ejs.IncluderCallback>;

  /**
   * Compiles without `with` and without the host's locals: in EJS's default mode a data key named
   * `escapeFn` or `settings` would steer the template engine.
   */
  function compile(name: string): ejs.TemplateFunction {
    const { filename, template } = find(name);
    const modes = { strict: true, localsName: 'page', cache: true } as const;
    return ejs.compile(template, { ...modes, filename, includer });
  }

  return (name, page) => {
    const view = compiled.get(name) ?? compile(name);
    compiled.set(name, view);
    return view({ ...page });
  };
}
