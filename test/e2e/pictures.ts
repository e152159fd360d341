// Makes the README's pictures anew: `npx tsx test/e2e/pictures.ts`, after a build.
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import { startVncServer } from '../../demo/vnc-server/vnc-server.ts';
import type { Tab } from './browser.ts';
import { openStage } from './stage.ts';
import { freePort } from './x-server.ts';

const FOLDER = fileURLToPath(new URL('../../demo/pictures/', import.meta.url));
const DESK = { viewport: { width: 1280, height: 800 } };
const PHONE = {
  ...{
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
  },
};

const LIST = [
  'build-7 | Build server 7 | Build | Debian 12, 16 cores | running',
  'build-8 | Build server 8 | Build | Debian 12, 16 cores | running',
  'build-9 | Build server 9 | Build | Debian 13, 32 cores | off',
  'kiosk-lobby | Lobby | Kiosks | Visitors and badges | running',
  'kiosk-gate | Gate | Kiosks | Deliveries | starting',
  'kiosk-lab | Lab door | Kiosks | Reboots on Sundays | off',
  'rack-1 | Rack 1, BMC | Rack | Front row | running',
  'rack-2 | Rack 2, BMC | Rack | Front row | running',
].map((line) => {
  const [name = '', label = '', group = '', description = '', state = ''] = line.split(' | ');
  return { name, label, group, description, state };
});

const stage = await openStage();
const desktop = await startVncServer({ port: 0, host: '127.0.0.1', width: 1280, height: 720 });
const host = await stage.startHost({
  resolve: async (name) => {
    const label = LIST.find((each) => each.name === name)?.label;
    const port = name === 'build-9' ? await freePort() : desktop.port;
    return label ? { host: '127.0.0.1', port, label } : null;
  },
  list: () => LIST,
});

await take('console', DESK, async (tab) => {
  await tab.open(host.url('build-7'));
  await tab.page.mouse.click(...(await tab.at(200, 300)));
  await tab.page.keyboard.type('help\n', { delay: 30 });
});
await take('dark', { ...DESK, colorScheme: 'dark' }, async (tab) => {
  await tab.open(host.url('build-7'));
  await tab.page.locator('#open-settings').click();
});
await take('end', DESK, (tab) => tab.open(host.url('build-9'), 'ended'));
await take('wall', DESK, async (tab) => void (await tab.page.goto(host.url(''))));
await take('phone', PHONE, async (tab) => {
  await tab.open(host.url('build-7'));
  await tab.page.locator('#open-keys').tap();
});

await stage.close();
await desktop.close();

async function take(
  name: string,
  options: BrowserContextOptions,
  reach: (tab: Tab) => Promise<void>,
): Promise<void> {
  await stage.withTab(async (tab) => {
    await reach(tab);
    await tab.page.waitForTimeout(1_500); // for the desktop to be drawn, and panels to have come
    await tab.page.screenshot({ path: `${FOLDER}${name}.png`, animations: 'disabled' });
  }, options);
}
