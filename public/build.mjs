// Builds the console page into dist/public: hashed names, a manifest for the server, and each file
// also compressed, so that the server only has to choose one.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';
import { build } from 'esbuild';
import { novnc } from './build-novnc.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = join(root, 'dist/public');

/** What all of the page's files have in common. */
const common = {
  absWorkingDir: root,
  outdir,
  entryNames: '[name]-[hash]',
  bundle: true,
  target: 'es2022', // noVNC awaits at the top of a module
  minify: true,
  metafile: true,
  logLevel: 'warning',
};
const modules = {
  ...common,
  chunkNames: '[name]-[hash]',
  splitting: true,
  format: 'esm',
  legalComments: 'inline',
};

await rm(outdir, { recursive: true, force: true });
const main = await build({
  ...modules,
  entryPoints: ['public/main.ts', 'public/console.css'],
  define: {
    VERSION: JSON.stringify(await versionOf('package.json')),
    NOVNC_VERSION: JSON.stringify(await versionOf('node_modules/@novnc/novnc/package.json')),
  },
  // noVNC exports one of its files only; the other is the same file to esbuild, and so the same module.
  alias: { '@novnc/novnc/core': './node_modules/@novnc/novnc/core' },
  plugins: [novnc],
});

// The console's first script shares nothing, and is none that waits, as modules do.
const first = await build({
  ...common,
  entryPoints: ['public/connection/first.ts'],
  format: 'iife',
});

// Pages of their own, each with one small script: nothing is shared with the console's but the words.
const pages = await Promise.all(
  ['wall/wall.ts', 'host/refused.ts', 'host/start.ts', 'wall.css'].map((entry) =>
    build({ ...modules, entryPoints: [`public/${entry}`] }),
  ),
);

// What a phone shows for a console on its home screen.
const icon = await build({
  ...common,
  entryPoints: ['public/home-screen.png'],
  loader: { '.png': 'copy' },
});

// The element that other pages show a console in: a file of its own, for bundlers and for browsers.
const element = join(root, 'dist/element/vnc-console.js');
await build({
  absWorkingDir: root,
  entryPoints: ['public/element/vnc-console.ts'],
  outfile: element,
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  logLevel: 'warning',
});
await compress(element);

const outputs = Object.assign(
  {},
  ...[main, first, icon, ...pages].map((each) => each.metafile.outputs),
);
const built = Object.keys(outputs);
const made = (entry) =>
  basename(built.find((file) => outputs[file].entryPoint === `public/${entry}`));
const script = built.find((file) => outputs[file].entryPoint === 'public/main.ts');
const style = built.find((file) => outputs[file].entryPoint === 'public/console.css');
const manifest = {
  script: basename(script),
  style: basename(style),
  first: made('connection/first.ts'),
  preload: [...reachable(script)].map((file) => basename(file)),
  icon: made('home-screen.png'),
  refused: made('host/refused.ts'),
  start: made('host/start.ts'),
  wall: { script: made('wall/wall.ts'), style: made('wall.css') },
  dictionaries: Object.fromEntries(
    built
      .map((file) => [/^public\/languages\/(.+)\.ts$/.exec(outputs[file].entryPoint)?.[1], file])
      .filter(([tag]) => tag !== undefined)
      .map(([tag, file]) => [tag, basename(file)]),
  ),
  files: built.map((file) => basename(file)).sort(),
};
await Promise.all(built.map((file) => compress(join(root, file))));
await writeFile(join(outdir, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);

/** The scripts that `file` needs before a desktop shows, itself left out; the rest waits for a wish. */
function reachable(file, seen = new Set()) {
  for (const { path, kind, external } of outputs[file].imports) {
    const waits =
      kind === 'dynamic-import' && outputs[path]?.entryPoint !== 'public/screen/desktop.ts';
    if (external || waits || seen.has(path)) continue;
    seen.add(path);
    reachable(path, seen);
  }
  return seen;
}

async function compress(file) {
  const bytes = await readFile(file);
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(bytes, {
      params: {
        [zlib.BROTLI_PARAM_QUALITY]: zlib.BROTLI_MAX_QUALITY,
        [zlib.BROTLI_PARAM_MODE]: zlib.BROTLI_MODE_TEXT,
        [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
    promisify(gzip)(bytes, { level: zlib.Z_BEST_COMPRESSION }),
  ]);
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)]);
}

async function versionOf(manifest) {
  return JSON.parse(await readFile(join(root, manifest), 'utf8')).version;
}
