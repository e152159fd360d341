import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Options } from '../lib/options.ts';
import { settle } from '../lib/settle.ts';

const logger = { info() {}, warn() {}, error() {} };

test('every option has its default', () => {
  const settings = settle({ allow: ['10.0.0.0/8'], logger });
  const { policy, log, lookup, ...others } = settings;
  const { render, ...page } = others.page;
  assert.equal(typeof render, 'function');
  assert.deepEqual(
    { ...others, page },
    {
      resolve: undefined,
      authorize: undefined,
      list: undefined,
      defaultPort: 5901,
      origins: [],
      requireOrigin: false,
      allowedHosts: null,
      timeouts: {
        dns: 5_000,
        connect: 10_000,
        banner: 10_000,
        handshake: 10_000,
        signIn: 120_000,
        authorize: 10_000,
        ping: 25_000,
        stall: 60_000,
        idle: 0,
        session: 0,
        close: 1_000,
        action: 30_000,
      },
      limits: { sessions: 1000, dials: 64, maxPayload: 1_048_576 },
      page: { headers: {}, settings: {}, keys: [], embed: { origins: [] }, actions: [] },
      on: {},
    },
  );
  assert.equal(policy.judge({ host: '10.0.0.7', port: 5999 }), 'yes');
  assert.equal(policy.judge({ host: '10.0.0.7', port: 6000 }), 'no');
  assert.equal(typeof lookup, 'function');
  assert.equal(typeof log.error, 'function');
});

test('undefined is the default, in every place', () => {
  const absent = {
    allow: undefined,
    defaultPort: undefined,
    origins: undefined,
    requireOrigin: undefined,
    allowedHosts: undefined,
    timeouts: { dns: undefined },
    limits: undefined,
    page: { title: undefined, headers: undefined },
    on: { open: undefined },
    logger,
  } as unknown as Options;
  const settings = settle(absent);
  assert.equal(settings.timeouts.dns, 5_000);
  assert.equal(settings.limits.sessions, 1000);
  assert.equal(settings.allowedHosts, null);
});

test('given values are kept, and the others of their group stay', () => {
  const settings = settle({
    resolve: () => null,
    authorize: () => true,
    defaultPort: 5900,
    origins: ['HTTPS://Panel.Example:443', 'http://[::1]:3000'],
    requireOrigin: true,
    allowedHosts: ['Panel.Example.', '[::1]', '::2', '127.0.0.1'],
    timeouts: { idle: 5, connect: 1 },
    limits: { dials: 1 },
    page: { title: 'Consoles', headers: { 'X-Own': 'yes', 'X-Frame-Options': null } },
    on: { close: () => {} },
    logger,
  });
  assert.equal(settings.defaultPort, 5900);
  assert.deepEqual(settings.origins, ['https://panel.example', 'http://[::1]:3000']);
  assert.deepEqual(settings.allowedHosts, ['panel.example', '::1', '::2', '127.0.0.1']);
  assert.equal(settings.timeouts.idle, 5);
  assert.equal(settings.timeouts.connect, 1);
  assert.equal(settings.timeouts.ping, 25_000);
  assert.deepEqual(settings.limits, { sessions: 1000, dials: 1, maxPayload: 1_048_576 });
  assert.deepEqual(settings.page.headers, { 'X-Own': 'yes', 'X-Frame-Options': null });
  assert.equal(settings.page.title, 'Consoles');
  assert.equal(settings.requireOrigin, true);
  assert.equal(typeof settings.on.close, 'function');
});

test('who may embed is kept canonical, and actions as they are', () => {
  const actions = [{ id: 'up', label: 'Up', icon: 'power', confirm: 'Up?', run: () => {} }];
  const embed = { origins: ['HTTPS://Panel.Example:443'] };
  const { page } = settle({ allow: [], page: { embed, actions } });
  assert.deepEqual(page.embed, { origins: ['https://panel.example'] });
  assert.deepEqual(page.actions, actions);
});

test('key combinations are of named keys and of characters', () => {
  const keys = [{ label: 'Magic SysRq', keys: ['Alt', 'PrintScreen', 'b', '😀'] }];
  assert.deepEqual(settle({ allow: [], page: { keys } }).page.keys, keys);
});

test('a setting of the page may be a value or a rule', () => {
  const { page } = settle({
    allow: [],
    page: {
      settings: { scaling: 'remote', bell: { value: false, force: true }, theme: { hide: true } },
    },
  });
  assert.deepEqual(page.settings, {
    scaling: { value: 'remote', force: false, hide: false },
    bell: { value: false, force: true, hide: false },
    theme: { value: undefined, force: false, hide: true },
  });
});

test('with neither allow nor resolve, one warning names both', () => {
  const lines: string[] = [];
  const own = { ...logger, warn: (_fields: object, message: string) => void lines.push(message) };
  settle({ logger: own });
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /allow.*resolve/);
  settle({ allow: [], logger: own });
  settle({ resolve: () => null, logger: own });
  assert.equal(lines.length, 1);
});

const ACTION = { id: 'up', label: 'Up', run: () => {} };

/** An option, a wrong value, and the start of the message. */
const wrong: [object | null | string, string][] = [
  [null as never, 'option options is null: expected an object'],
  ['allow' as never, 'option options is "allow": expected an object'],
  [[] as never, 'option options is : expected an object'],
  [{ alow: ['*'] }, 'option alow is *: expected one of the options allow, resolve'],
  [{ allow: '*' }, 'option allow is "*": expected an array of strings'],
  [{ allow: [7] }, 'option allow is 7: expected an array of strings'],
  [{ allow: [undefined] }, 'option allow'],
  [{ allow: ['10.0.0.0/33'] }, 'option allow: "10.0.0.0/33" is not a rule: expected'],
  [{ allow: ['10.0.0/8'] }, 'option allow: "10.0.0/8" is not a rule'],
  [{ allow: ['*.'] }, 'option allow: "*." is not a rule'],
  [{ allow: ['a*b'] }, 'option allow: "a*b" is not a rule'],
  [{ resolve: 'x' }, 'option resolve is "x": expected a function'],
  [{ resolve: null }, 'option resolve is null: expected a function'],
  [{ authorize: true }, 'option authorize is true: expected a function'],
  [{ defaultPort: 0 }, 'option defaultPort is 0: expected a whole number from 1 to 65535'],
  [{ defaultPort: 65536 }, 'option defaultPort is 65536: expected'],
  [{ defaultPort: '5900' }, 'option defaultPort is "5900": expected'],
  [{ defaultPort: 1.5 }, 'option defaultPort is 1.5: expected'],
  [{ origins: 'https://a.example' }, 'option origins is "https://a.example": expected an array'],
  [{ origins: [null] }, 'option origins is null: expected an array of strings'],
  [{ origins: ['a.example'] }, 'option origins is "a.example": expected an origin such as'],
  [{ origins: ['https://a.example/'] }, 'option origins is "https://a.example/": expected'],
  [{ origins: ['https://*.example'] }, 'option origins is "https://*.example": expected'],
  [{ origins: ['*'] }, 'option origins is "*": expected'],
  [{ requireOrigin: 'yes' }, 'option requireOrigin is "yes": expected true or false'],
  [{ requireOrigin: 1 }, 'option requireOrigin is 1: expected true or false'],
  [{ allowedHosts: 'a.example' }, 'option allowedHosts is "a.example": expected an array'],
  [{ allowedHosts: '' }, 'option allowedHosts is "": expected an array'],
  [{ allowedHosts: false }, 'option allowedHosts is false: expected an array'],
  [
    { allowedHosts: ['a.example:80'] },
    'option allowedHosts is "a.example:80": expected a host name',
  ],
  [{ allowedHosts: ['*'] }, 'option allowedHosts is "*": expected a host name'],
  [{ timeouts: 5 }, 'option timeouts is 5: expected an object'],
  [{ timeouts: { dsn: 5 } }, 'option timeouts.dsn is 5: expected one of the options timeouts.dns'],
  [{ limits: [] }, 'option limits is : expected an object'],
  [{ limits: { session: 5 } }, 'option limits.session is 5: expected one of'],
  [{ page: 'x' }, 'option page is "x": expected an object'],
  [{ page: { titel: 'x' } }, 'option page.titel is "x": expected one of the options page.title'],
  [{ page: { title: 7 } }, 'option page.title is 7: expected'],
  [{ page: { keys: {} } }, 'option page.keys is [object Object]: expected an array of key'],
  [
    { page: { keys: [{ keys: ['a'] }] } },
    'option page.keys[0].label is undefined: expected a text',
  ],
  [{ page: { keys: [{ label: 'x', keys: [] }] } }, 'option page.keys[0].keys is : expected 1 to 8'],
  [{ page: { keys: [{ label: 'x', key: 'a' }] } }, 'option page.keys[0].key is "a": expected one'],
  [
    { page: { keys: [{ label: 'x', keys: ['Alt', 'Ctrl'] }] } },
    'option page.keys[0].keys[1] is "Ctrl": expected a single character or one of Control, Alt',
  ],
  [
    { page: { settings: { qality: 5 } } },
    'option page.settings.qality is 5: expected one of the options page.settings.scaling',
  ],
  [
    { page: { settings: { quality: 10 } } },
    'option page.settings.quality is 10: expected a whole number from 0 to 9',
  ],
  [
    { page: { settings: { scaling: { value: 'big' } } } },
    'option page.settings.scaling is "big": expected one of fit, fill',
  ],
  [
    { page: { settings: { bell: { value: true, forced: true } } } },
    'option page.settings.bell.forced is true: expected one of the options page.settings.bell.value',
  ],
  [
    { page: { settings: { bell: { force: 1 } } } },
    'option page.settings.bell.force is 1: expected true or false',
  ],
  [{ page: { view: {} } }, 'option page.view is [object Object]: expected'],
  [
    { page: { headers: { 'X-Own': 7 } } },
    'option page.headers.X-Own is 7: expected a string or null',
  ],
  [{ page: { headers: 'X-Own: 7' } }, 'option page.headers is "X-Own: 7": expected an object'],
  [{ page: { headers: ['X-Own'] } }, 'option page.headers is X-Own: expected an object'],
  [{ page: { headers: { 'X-Own': 'a\r\nb' } } }, 'option page.headers.X-Own is'],
  [{ page: { headers: { 'X Own': 'a' } } }, 'option page.headers.X Own'],
  [{ list: [] }, 'option list is : expected a function'],
  [{ page: { views: 7 } }, 'option page.views is 7: expected a folder that exists'],
  [{ page: { views: '/nowhere' } }, 'option page.views is "/nowhere": expected a folder that'],
  [{ page: { views: import.meta.filename } }, 'option page.views is "'],
  [{ page: { embed: 'x' } }, 'option page.embed is "x": expected an object'],
  [{ page: { embed: { origin: 'x' } } }, 'option page.embed.origin is "x": expected one of the'],
  [{ page: { embed: { origins: '*' } } }, 'option page.embed.origins is "*": expected an array'],
  [{ page: { embed: { origins: ['*'] } } }, 'option page.embed.origins is "*": expected an origin'],
  [
    { page: { embed: { origins: ['https://*.example'] } } },
    'option page.embed.origins is "https://*.example": expected an origin',
  ],
  [{ page: { actions: {} } }, 'option page.actions is [object Object]: expected an array'],
  [{ page: { actions: [7] } }, 'option page.actions[0] is 7: expected an object'],
  [{ page: { actions: [{ ...ACTION, ico: 'x' }] } }, 'option page.actions[0].ico is "x": expected'],
  [{ page: { actions: [{ ...ACTION, id: 'Up' }] } }, 'option page.actions[0].id is "Up": expected'],
  [{ page: { actions: [{ ...ACTION, id: 'a/b' }] } }, 'option page.actions[0].id is "a/b"'],
  [
    { page: { actions: [ACTION, ACTION] } },
    'option page.actions[1].id is "up": expected an id that no other action has',
  ],
  [{ page: { actions: [{ ...ACTION, label: ' ' }] } }, 'option page.actions[0].label is " ": exp'],
  [{ page: { actions: [{ ...ACTION, icon: '#x' }] } }, 'option page.actions[0].icon is "#x": exp'],
  [{ page: { actions: [{ ...ACTION, confirm: 1 }] } }, 'option page.actions[0].confirm is 1: exp'],
  [{ page: { actions: [{ id: 'a', label: 'A' }] } }, 'option page.actions[0].run is undefined'],
  [{ page: { actions: [{ ...ACTION, run: 'x' }] } }, 'option page.actions[0].run is "x": expected'],
  [{ on: { end: () => {} } }, 'option on.end is ()'],
  [{ on: { open: 'x' } }, 'option on.open is "x": expected a function'],
  [{ on: { close: {} } }, 'option on.close is [object Object]: expected a function'],
  [{ on: { refuse: 7 } }, 'option on.refuse is 7: expected a function'],
  [{ logger: 'x' }, 'option logger is "x": expected an object with info, warn and error'],
  [{ logger: null }, 'option logger is null: expected an object with info'],
  [{ logger: { info() {}, warn() {} } }, 'option logger is [object Object]: expected'],
];
const TIMEOUTS = [
  'dns',
  'connect',
  'banner',
  'authorize',
  'ping',
  'stall',
  'idle',
  'session',
  'close',
  'action',
];
const LIMITS = ['sessions', 'dials', 'maxPayload'];
for (const [group, names] of Object.entries({ timeouts: TIMEOUTS, limits: LIMITS })) {
  for (const name of names) {
    for (const value of [-1, 1.5, Number.NaN, Infinity, '5', true, 2 ** 31, {}]) {
      const shown = typeof value === 'string' ? `"${value}"` : String(value);
      const message = `option ${group}.${name} is ${shown}: expected a whole number from`;
      wrong.push([{ [group]: { [name]: value } }, message]);
    }
    const mayBeZero = name === 'idle' || name === 'session';
    if (!mayBeZero)
      wrong.push([{ [group]: { [name]: 0 } }, `option ${group}.${name} is 0: expected`]);
  }
}

for (const [options, message] of wrong) {
  test(`a wrong option throws: ${message}`, () => {
    const given = typeof options === 'object' && options !== null && !Array.isArray(options);
    const silent = given && !('logger' in options) ? { ...options, logger } : options;
    assert.throws(
      () => settle(silent as Options),
      (error: Error) => {
        assert.ok(error instanceof TypeError, `${error}`);
        assert.equal(error.message.slice(0, message.length), message);
        return true;
      },
    );
  });
}

test('a value that cannot be made a text still names its option', () => {
  for (const value of [Object.create(null), Symbol('x')]) {
    assert.throws(() => settle({ defaultPort: value, logger }), {
      name: 'TypeError',
      message: /option defaultPort is /,
    });
  }
});

test('what the host changes later in its own objects changes nothing', () => {
  const headers: Record<string, string> = { 'X-Own': 'yes' };
  const origins = ['https://a.example'];
  const allowedHosts = ['a.example'];
  const settings = settle({ allow: ['*'], page: { headers }, origins, allowedHosts, logger });
  headers['X-Own'] = 'no';
  origins.push('https://b.example');
  allowedHosts.push('b.example');
  assert.deepEqual(settings.page.headers, { 'X-Own': 'yes' });
  assert.equal(settings.origins.length, 1);
  assert.equal(settings.allowedHosts?.length, 1);
});
