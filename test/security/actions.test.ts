import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEveryHost, openConsoles } from '../helpers/hosts.ts';

const PATH = '/console/actions/power-off?target=127.0.0.1%3A5905';

onEveryHost((kind) => {
  /** Opens a host with one action, which counts. */
  async function open(t: Parameters<typeof openConsoles>[0], options = {}) {
    const runs = { count: 0 };
    const run = () => void runs.count++;
    const actions = [{ id: 'power-off', label: 'Power off', run }];
    const { host, log } = await openConsoles(t, kind, { page: { actions }, ...options });
    const press = (headers: Record<string, string>, path = PATH) =>
      host.request(path, { method: 'POST', headers });
    const own = { origin: host.origin, 'x-express-novnc': '1' };
    return { host, log, runs, press, own };
  }

  test('an action needs an Origin of ours and a header that no form can send', async (t) => {
    const { press, own, runs, host } = await open(t);
    const port = new URL(host.origin).port;
    const { origin, ...headless } = own;
    const refused: Record<string, string>[] = [
      {},
      headless,
      { origin },
      { ...own, 'x-express-novnc': '' },
      { ...own, 'x-express-novnc': 'true' },
      { ...own, origin: '' },
      { ...own, origin: 'null' },
      { ...own, origin: 'https://evil.example' },
      { ...own, origin: `${origin}.evil.example` },
      { ...own, origin: `http://localhost:${port}` },
      { ...own, origin: `${origin}, ${origin}` },
      { ...own, 'sec-fetch-site': 'cross-site' },
      { ...headless, referer: `${origin}/console/127.0.0.1` },
    ];
    for (const headers of refused) {
      const { status, body } = await press(headers);
      assert.equal(status, 403, JSON.stringify(headers));
      assert.deepEqual(JSON.parse(body), { error: 'This page may not open consoles here.' });
    }
    assert.equal(runs.count, 0);
    assert.equal((await press({ ...own, 'sec-fetch-site': 'same-origin' })).status, 200);
    assert.equal(runs.count, 1);
  });

  test('a listed origin may act, but not from where the browser says it is another site', async (t) => {
    const { press, own, runs } = await open(t, { origins: ['https://panel.example'] });
    const listed = { ...own, origin: 'https://panel.example' };
    assert.equal((await press({ ...listed, 'sec-fetch-site': 'cross-site' })).status, 403);
    assert.equal(runs.count, 0);
    assert.equal((await press({ ...listed, 'sec-fetch-site': 'same-site' })).status, 200);
    assert.equal(runs.count, 1);
  });

  test('a preflight of another site is answered with no permission', async (t) => {
    const { host, runs } = await open(t);
    const { headers } = await host.request(PATH, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-express-novnc',
      },
    });
    for (const name of Object.keys(headers)) assert.doesNotMatch(name, /^access-control-/);
    assert.equal(runs.count, 0);
  });

  test('an action under a foreign host name is refused before anything is asked', async (t) => {
    const { press, own, runs } = await open(t, {
      allowedHosts: ['panel.example'],
      resolve: () => assert.fail('resolve was asked'),
    });
    assert.equal((await press(own)).status, 403);
    assert.equal(runs.count, 0);
  });

  test('no id and no name is more than a key', async (t) => {
    const { press, own, runs } = await open(t);
    for (const path of [
      '/console/actions/__proto__?target=127.0.0.1',
      '/console/actions/constructor?target=127.0.0.1',
      '/console/actions/power%2Doff?target=127.0.0.1',
      '/console/actions/..%2fproxy?target=127.0.0.1',
    ]) {
      assert.equal((await press(own, path)).status, 404, path);
    }
    const { status } = await press(own, '/console/actions/power-off?target=user:hunter2@10.0.0.7');
    assert.equal(status, 400);
    assert.equal(runs.count, 0);
  });

  test('what an action throws reaches the log, cut and on one line, and nobody else', async (t) => {
    const run = () => {
      throw new Error(`hunter2\r\nforged line ${'x'.repeat(9_999)}`);
    };
    const actions = [{ id: 'power-off', label: 'Power off', run }];
    const { press, own, log } = await open(t, { page: { actions } });
    const { status, body } = await press(own);
    assert.deepEqual([status, JSON.parse(body)], [500, { error: 'The action failed.' }]);
    const line = log.find(({ message }) => message === 'action failed');
    assert.ok(line && `${line.fields.detail}`.length <= 1024);
    assert.doesNotMatch(`${line.fields.detail}`, /[\r\n]/);
  });
});
