import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ejs from 'ejs';
import { build } from 'esbuild';
import express from 'express';
import { startVncServer } from '../../../demo/vnc-server/vnc-server.ts';
import { novnc, type PageView } from '../../../lib/index.ts';
import { deferProbe, makeOpaque } from '../../../public/build-novnc.mjs';
import { CHROMIUM, firstVisit } from '../first-visit.ts';
import type { Figure } from './figure.ts';

type Page = 'bundled' | 'unbundled';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const NOVNC = join(ROOT, 'node_modules/@novnc/novnc');
const CHANGED = [
  ['core/util/browser.js', deferProbe],
  ['core/display.js', makeOpaque],
] as const;

/** How long a first visit takes until a desktop is seen: our page, and the same with noVNC's own files. */
export const page: Figure<Page> = {
  name: 'page',
  contestants: ['bundled', 'unbundled'],
  judged: ['bundled'],
  rows: [
    {
      key: 'visible',
      label: 'first visit, ms to a desktop',
      digits: 0,
      bars: [{ atMost: 0.6, times: 'unbundled' }],
    },
  ],
  async measure(name) {
    if (!existsSync(CHROMIUM)) throw new Error('needs chromium');
    const folder = await mkdtemp(join(tmpdir(), 'page-'));
    const desktop = await startVncServer({
      ...{ port: 0, host: '127.0.0.1', width: 640, height: 480 },
      still: true,
    });
    const app = express();
    const consoles = novnc({
      allow: [`127.0.0.1:${desktop.port}`],
      ...(name === 'unbundled' && { page: { view: await unbundledView(folder) } }),
    });
    app.use('/unbundled', express.static(folder));
    for (const [file, change] of CHANGED) {
      app.get(`/novnc/${file}`, (_req, res) => {
        res.type('js').send(change(readFileSync(join(NOVNC, file), 'utf8')));
      });
    }
    app.use('/novnc', express.static(NOVNC));
    app.use(consoles);
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    consoles.attach(server);
    try {
      const { port } = server.address() as AddressInfo;
      return { visible: await firstVisit(`http://127.0.0.1:${port}/127.0.0.1:${desktop.port}`) };
    } finally {
      await consoles.close();
      server.close();
      server.closeAllConnections();
      await desktop.close();
      await rm(folder, { recursive: true });
    }
  },
};

/** Builds our scripts with noVNC left out of them, to be loaded file by file. */
async function unbundledView(folder: string): Promise<(page: PageView) => Promise<string>> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['public/main.ts'],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    external: ['/novnc/*'],
    alias: {
      '@novnc/novnc': '/novnc/core/rfb.js',
      '@novnc/novnc/core': '/novnc/core',
    },
    metafile: true,
    write: false,
  });
  await Promise.all(outputFiles.map((file) => writeFile(file.path, file.contents)));
  const preload = outputFiles
    .map(({ path }) => basename(path))
    .filter((file) => file !== 'main.js');
  return (given) => {
    const view = {
      ...given,
      script: '../unbundled/main.js',
      first: '',
      preload: [] as string[],
    };
    view.preload = preload.map((file) => `../unbundled/${file}`);
    return ejs.renderFile(join(ROOT, 'views/console.ejs'), view, {
      strict: true,
      localsName: 'page',
    });
  };
}
