import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Action } from '../../lib/index.ts';
import { type Host, onEveryHost, openConsoles } from '../helpers/hosts.ts';

const PATH = '/console/actions/power-on?target=127.0.0.1%3A5905';

function powerOn(run: Action['run'] = () => {}): Action {
  return { id: 'power-on', label: 'Power on', confirm: 'Power on {name}?', run };
}

/** Asks for an action as the page does. */
function press(host: Host, path = PATH, headers: Record<string, string> = {}) {
  return host.request(path, {
    method: 'POST',
    headers: { origin: host.origin, 'x-express-novnc': '1', ...headers },
  });
}

onEveryHost((kind) => {
  test('an action runs for whoever may open the console, and says how it went', async (t) => {
    const runs: unknown[] = [];
    const action = powerOn(async (req, target, name) => {
      runs.push([req.method, target, name]);
      return { message: 'Powered on.' };
    });
    const { host, log } = await openConsoles(t, kind, { page: { actions: [action] } });
    const { status, headers, body } = await press(host);
    assert.deepEqual([status, JSON.parse(body)], [200, { message: 'Powered on.' }]);
    assert.match(headers['content-type'] ?? '', /^application\/json/);
    assert.equal(headers['cache-control'], 'no-store');
    assert.deepEqual(runs, [['POST', { host: '127.0.0.1', port: 5905 }, '127.0.0.1:5905']]);
    assert.ok(log.some(({ message, fields }) => message === 'action done' && fields.action));
  });

  test('an action passes the same rules as its console', async (t) => {
    let runs = 0;
    const action = powerOn(() => void runs++);
    const { host } = await openConsoles(t, kind, {
      resolve: (name) => (name === 'vm-1' ? { path: '/run/x' } : name === 'no' ? null : undefined),
      authorize: (_req, target) => !('path' in target),
      page: { actions: [action] },
    });
    const cases: [string, number][] = [
      ['?target=10.0.0.7', 403],
      ['?target=vm-1', 403],
      ['?target=no', 404],
      ['?target=%zz', 400],
      ['?target=a&target=b', 400],
      ['', 400],
    ];
    for (const [query, expected] of cases) {
      const { status, body } = await press(host, `/console/actions/power-on${query}`);
      assert.equal(status, expected, query);
      assert.equal(typeof JSON.parse(body).error, 'string');
    }
    assert.equal(runs, 0);
    assert.equal((await press(host, '/console/actions/power-off?target=127.0.0.1')).status, 404);
  });

  test('an action that fails, or never ends, says so in plain words', async (t) => {
    const fail = powerOn(() => {
      throw new Error('hunter2 at 10.0.0.7');
    });
    const hang = { ...powerOn(() => new Promise<void>(() => {})), id: 'hang' };
    const { host, log } = await openConsoles(t, kind, {
      page: { actions: [fail, hang] },
      timeouts: { action: 50 },
    });
    const failed = await press(host);
    assert.deepEqual(
      [failed.status, JSON.parse(failed.body)],
      [500, { error: 'The action failed.' }],
    );
    assert.ok(
      log.some(({ level, fields }) => level === 'error' && /hunter2/.test(`${fields.detail}`)),
    );
    const late = await press(host, '/console/actions/hang?target=127.0.0.1');
    assert.deepEqual(
      [late.status, JSON.parse(late.body)],
      [504, { error: 'The action did not finish in time.' }],
    );
  });

  test('only POST is ours, and a console may be named "actions"', async (t) => {
    const { host } = await openConsoles(t, kind, {
      resolve: () => ({ path: '/run/x', label: 'Actions' }),
      page: { actions: [powerOn()] },
    });
    assert.match((await host.request('/console/actions')).body, /<title>Actions</);
    for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
      assert.equal((await host.request(PATH, { method })).status, 404, method);
    }
    const without = await openConsoles(t, kind);
    assert.equal((await press(without.host)).status, 404);
  });
});
