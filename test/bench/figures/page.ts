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
import { chromium } from 'playwright-core';
import { startVncServer } from '../../../demo/vnc-server/vnc-server.ts';
import { novnc, type PageView } from '../../../lib/index.ts';
import { limitProbe } from '../../../public/build-novnc.mjs';
import type { Figure } from './figure.ts';

type Page = 'bundled' | 'unbundled';

const CHROMIUM = '/usr/bin/chromium';
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const NOVNC = join(ROOT, 'node_modules/@novnc/novnc');
const TIMEOUT = 30_000;
const WARM_UP = 2;
const VISITS = 5;

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
    app.get('/novnc/core/util/browser.js', (_req, res) => {
      res.type('js').send(limitProbe(readFileSync(join(NOVNC, 'core/util/browser.js'), 'utf8')));
    });
    app.use('/novnc', express.static(NOVNC));
    app.use(consoles);
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    consoles.attach(server);
    try {
      const { port } = server.address() as AddressInfo;
      return { visible: await visit(`http://127.0.0.1:${port}/127.0.0.1:${desktop.port}`) };
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
    const view = { ...given, script: '../unbundled/main.js', preload: [] as string[] };
    view.preload = preload.map((file) => `../unbundled/${file}`);
    return ejs.renderFile(join(ROOT, 'views/console.ejs'), view, {
      strict: true,
      localsName: 'page',
    });
  };
}

/** Runs in the page: notes when the middle of the screen has a colour. (A text: tsx adds to functions.) */
const LOOK = `
  requestAnimationFrame(function look() {
    const canvas = document.querySelector('canvas');
    const isUp = document.documentElement.dataset.state === 'connected';
    const middle = isUp && [canvas.width / 2, canvas.height / 2, 1, 1];
    const pixel = middle && canvas.getContext('2d').getImageData(...middle).data;
    if (pixel && pixel[0] + pixel[1] + pixel[2] > 0) {
      document.documentElement.dataset.visible = performance.now();
    } else requestAnimationFrame(look);
  });
`;

/**
 * Opens a page again and again, each time with no cache, cookie or code of the time before; tells the
 * milliseconds until the screen is drawn. The page is to be measured, not how a browser gets going:
 * the first visits do not count.
 */
async function visit(url: string): Promise<number> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  });
  try {
    const times: number[] = [];
    for (let count = 0; count < WARM_UP + VISITS; count++) {
      const context = await browser.newContext();
      const tab = await context.newPage();
      await tab.addInitScript(LOOK);
      await tab.goto(url);
      await tab.waitForSelector('[data-visible]', { state: 'attached', timeout: TIMEOUT });
      times.push(Number(await tab.locator('html').getAttribute('data-visible')));
      await context.close();
    }
    const sorted = times.slice(WARM_UP).sort((a, b) => a - b);
    return sorted[sorted.length >> 1]!;
  } finally {
    await browser.close();
  }
}
