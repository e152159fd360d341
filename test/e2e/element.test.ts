import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import express, { type Express } from 'express';
import type { Frame } from 'playwright-core';
import { createApp } from '../../demo/app.ts';
import { type Machine, startMachines } from '../../demo/machines.ts';
import type { VncConsole } from '../../public/element/vnc-console.ts';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import { inEachBrowser, it } from './each-browser.ts';
import { openStage, type Stage } from './stage.ts';

const skip = lacking('chromium');
const ROOT = new URL('../../', import.meta.url);
const ELEMENT = new URL('dist/element/vnc-console.js', ROOT);

/** What a strict app says of its own pages; the examples keep to it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; connect-src 'self'";

inEachBrowser('the element', { skip }, (browser) => {
  let stage: Stage;
  let machines: Machine[];
  let demo: ReturnType<typeof createApp>;
  let origin: string;

  before(async () => {
    stage = await openStage(browser);
    machines = await startMachines();
    await stage.keep(
      Promise.resolve({
        async stop() {
          await Promise.all(machines.map((machine) => machine.stop()));
        },
      }),
    );
    demo = createApp(machines, '127.0.0.1');
    await serveExamples(demo.app as unknown as Express);
    const server = demo.app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    await stage.keep(
      Promise.resolve({
        async stop() {
          await demo.consoles.close({ timeout: 500 });
          server.close();
          server.closeAllConnections();
        },
      }),
    );
  });
  after(() => stage?.close());

  for (const kind of ['plain', 'react', 'vue']) {
    it(`opens a console in the ${kind} example, shows its state and ends it`, () =>
      stage.withTab(async (tab) => {
        await tab.page.goto(`${origin}/examples/${kind}/`);
        await tab.page.getByText('It is connected.').waitFor();
        const frame = await frameOf(tab);
        await frame.locator('#screen canvas').waitFor({ state: 'visible' });
        assert.equal(await frame.locator('.bar').isVisible(), false);
        await tab.page.getByRole('button', { name: 'Disconnect' }).click();
        await tab.page.getByText('It is ended: You closed this console..').waitFor();
      }));
  }

  it('tells the size and gives a picture, and can be opened again', () =>
    stage.withTab(async (tab) => {
      await tab.page.goto(`${origin}/examples/plain/`);
      await tab.page.getByText('It is connected.').waitFor();
      const size = await tab.page.evaluate(async () => {
        const element = document.querySelector('vnc-console') as unknown as VncConsole;
        const { width, height } = await createImageBitmap(await element.screenshot());
        return { width, height, state: element.state };
      });
      assert.deepEqual(size, { width: 1024, height: 768, state: 'connected' });
      const again = await tab.page.evaluate(async () => {
        const element = document.querySelector('vnc-console') as unknown as VncConsole;
        const told: unknown[] = [];
        const connected = new Promise<void>((resolve) => {
          element.addEventListener('end', ({ detail }) => told.push(detail.code));
          element.addEventListener('state', ({ detail }) => {
            if (detail === 'connecting') told.push(detail);
          });
          element.addEventListener('resize', ({ detail }) => {
            told.push(detail);
            resolve();
          });
        });
        element.reconnect();
        await connected;
        return told;
      });
      assert.deepEqual(again, ['connecting', { width: 1024, height: 768 }]);
    }));

  it('says that there is no console, and has no picture of it', () =>
    stage.withTab(async (tab) => {
      await tab.page.goto(`${origin}/examples/plain/`);
      const refused = await tab.page.evaluate(async () => {
        const element = document.querySelector('vnc-console') as unknown as VncConsole;
        const end = new Promise((resolve) =>
          element.addEventListener('end', ({ detail }) => detail.code === 4404 && resolve(detail)),
        );
        element.src = '/console/nowhere';
        return [await end, element.state];
      });
      assert.deepEqual(refused, [{ code: 4404, reason: 'There is no such console.' }, 'ended']);
    }));

  it('shows the toolbar where it is wanted', () =>
    stage.withTab(async (tab) => {
      await tab.page.goto(`${origin}/examples/plain/`);
      await tab.page.getByText('It is connected.').waitFor();
      await tab.page.evaluate(() => {
        document.querySelector('vnc-console')?.toggleAttribute('toolbar', true);
      });
      const bar = tab.page.frameLocator('vnc-console iframe').locator('.bar');
      await bar.waitFor({ state: 'visible' });
    }));

  it('is small, and harmless where there are no elements', async () => {
    const { gzipSync } = await import('node:zlib');
    assert.ok(gzipSync(await readFile(ELEMENT)).length < 3 * 1024);
    const { VncConsole } = await import(ELEMENT.href);
    assert.equal(typeof VncConsole, 'function');
  });
});

async function frameOf(tab: Tab): Promise<Frame> {
  const frame = await (await tab.page.waitForSelector('vnc-console iframe')).contentFrame();
  assert.ok(frame);
  return frame;
}

/** Bundles the examples as an app of theirs would be, and serves them beside the demo. */
async function serveExamples(app: Express): Promise<void> {
  app.use('/examples', (_req, res, next) => {
    res.setHeader('Content-Security-Policy', POLICY);
    next();
  });
  for (const [kind, entry] of [
    ['plain', 'main.js'],
    ['react', 'main.jsx'],
    ['vue', 'main.js'],
  ] as const) {
    const folder = fileURLToPath(new URL(`demo/examples/${kind}`, ROOT));
    const { outputFiles } = await build({
      absWorkingDir: folder,
      entryPoints: [entry],
      bundle: true,
      write: false,
      format: 'esm',
      jsx: 'automatic',
      alias: { 'express-novnc/element': fileURLToPath(ELEMENT) },
      define: {
        'process.env.NODE_ENV': '"production"',
        __VUE_OPTIONS_API__: 'true',
        __VUE_PROD_DEVTOOLS__: 'false',
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
      },
    });
    app.get(`/examples/${kind}/main.js`, (_req, res) => {
      res.type('js').send(outputFiles[0]!.text);
    });
    app.use(`/examples/${kind}`, express.static(folder));
  }
}
