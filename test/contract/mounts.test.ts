import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { novnc } from '../../lib/index.ts';
import { Browser } from '../helpers/browser.ts';
import {
  type Host,
  type Mount,
  onEveryHost,
  openHost,
  recordLog,
  refusalFor,
  refusalOf,
} from '../helpers/hosts.ts';
import { VncTarget } from '../helpers/vnc-target.ts';

/** Opens a console at a mount as a browser would: the page, its files, its relay. */
async function openPage(t: TestContext, host: Host, mount: string, name: string): Promise<Browser> {
  const page = await host.request(`${mount}/${name}`);
  assert.equal(page.status, 200, `${mount}/${name}`);
  const base = new URL(`${host.origin}${mount}/${name}`);
  const style = new URL(/<link rel="stylesheet" href="([^"]+)"/.exec(page.body)![1]!, base);
  assert.equal((await host.request(style.pathname)).status, 200, style.pathname);
  const relay = new URL(/data-relay="([^"]+)"/.exec(page.body)![1]!, base);
  return host.browse(t, relay.pathname + relay.search);
}

onEveryHost((kind) => {
  const mounts: [string, string, (mount: Mount, consoles: ReturnType<typeof novnc>) => void][] = [
    ['at the root', '', ({ app }, consoles) => void app.use(consoles)],
    ['at /', '', ({ app }, consoles) => void app.use('/', consoles)],
    ['under a prefix', '/a/b', ({ app }, consoles) => void app.use('/a/b', consoles)],
    ['under a parameter', '/t/7', ({ app }, consoles) => void app.use('/t/:tenant', consoles)],
    [
      'in a router',
      '/r/consoles',
      ({ app, express }, consoles) => {
        const router = express.Router();
        router.use('/consoles', consoles);
        app.use('/r', router);
      },
    ],
    [
      'in a nested app',
      '/n/consoles',
      ({ app, express }, consoles) => {
        const nested = express();
        nested.use('/consoles', consoles);
        app.use('/n', nested);
      },
    ],
  ];
  for (const [title, path, mount] of mounts) {
    test(`consoles work ${title}`, async (t) => {
      const target = await VncTarget.open(t);
      const consoles = novnc({ allow: ['127.0.0.1:1-65535'], logger: recordLog().logger });
      const host = await openHost(t, kind, (app) => {
        mount(app, consoles);
        return consoles;
      });
      await (await openPage(t, host, path, target.name)).read(12);
    });
  }

  test('two mounts in one app keep their own rules', async (t) => {
    const target = await VncTarget.open(t);
    const { logger } = recordLog();
    const open = novnc({ allow: ['127.0.0.1:1-65535'], logger });
    const shut = novnc({ allow: ['10.0.0.0/8'], logger });
    const host = await openHost(t, kind, ({ app }) => {
      app.use('/open', open);
      app.use('/shut', shut);
      return [open, shut];
    });
    await (await openPage(t, host, '/open', target.name)).read(12);
    const query = `proxy?target=${target.name}`;
    const refused = host.browse(t, `/shut/${query}`);
    assert.equal(await refusalOf(host, refused), refusalFor(host, 'TARGET_REFUSED'));
    await open.close();
    const late = host.browse(t, `/open/${query}`);
    assert.equal(await refusalOf(host, late), refusalFor(host, 'SHUTTING_DOWN'));
    assert.equal((await host.request(`/shut/proxy?target=10.0.0.7`)).status, 426);
  });

  test('consoles work behind a proxy that strips a prefix', async (t) => {
    const target = await VncTarget.open(t);
    const consoles = novnc({ allow: ['127.0.0.1:1-65535'], logger: recordLog().logger });
    const host = await openHost(t, { ...kind, tls: false }, ({ app }) => {
      app.use('/console', consoles);
      return consoles;
    });
    const { port } = host;
    const proxy = createServer((req, res) => {
      const path = req.url!.replace('/panel/7', '/console');
      const { method, headers } = req;
      req.pipe(
        request({ port, host: '127.0.0.1', path, method, headers }, (reply) => {
          res.writeHead(reply.statusCode!, reply.headers);
          reply.pipe(res);
        }),
      );
    });
    proxy.on('upgrade', (req, browser) => {
      const upstream = connect(port, '127.0.0.1');
      const lines = req.rawHeaders.map((text, at) => (at % 2 ? `${text}\r\n` : `${text}: `));
      upstream.write(
        `GET ${req.url!.replace('/panel/7', '/console')} HTTP/1.1\r\n${lines.join('')}\r\n`,
      );
      browser.pipe(upstream).pipe(browser);
      for (const socket of [browser, upstream]) socket.on('error', () => {});
      t.after(() => upstream.destroy());
    });
    await once(proxy.listen(0, '127.0.0.1'), 'listening');
    t.after(() => proxy.close().closeAllConnections());
    const origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const page = await fetch(`${origin}/panel/7/${target.name}/`); // by way of the relative redirect
    assert.equal(page.url, `${origin}/panel/7/${target.name}`);
    const relay = new URL(/data-relay="([^"]+)"/.exec(await page.text())![1]!, page.url);
    const headers = { Origin: origin }; // this proxy lets Host pass
    await Browser.open(t, relay.href.replace('http', 'ws'), { headers }).read(12);
  });

  test('what is mounted behind the consoles gets what is not theirs', async (t) => {
    const consoles = novnc({ allow: ['127.0.0.1'], logger: recordLog().logger });
    const host = await openHost(t, kind, ({ app }) => {
      app.use('/', consoles);
      app.get('/', (_req, res) => void res.send('home'));
      app.get('/api/list', (_req, res) => void res.send('list'));
      app.post('/127.0.0.1', (_req, res) => void res.send('posted'));
      return consoles;
    });
    assert.equal((await host.request('/')).body, 'home');
    assert.equal((await host.request('/api/list')).body, 'list');
    assert.equal((await host.request('/127.0.0.1', { method: 'POST' })).body, 'posted');
  });
});
