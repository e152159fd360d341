import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Browser } from './helpers/browser.ts';
import { CERTIFICATE } from './helpers/certificate.ts';
import { within } from './helpers/inbox.ts';
import { VncTarget } from './helpers/vnc-target.ts';

const CLI = fileURLToPath(new URL('../lib/cli.ts', import.meta.url));
const PACKAGE = new URL('../package.json', import.meta.url);

/** How long the program may take to start on a busy machine, in milliseconds. */
const START_PATIENCE = 20_000;

function run(t: TestContext, flags: string[]): ChildProcess & { text: string } {
  const child = spawn(process.execPath, ['--import', 'tsx', CLI, ...flags]);
  const running = Object.assign(child, { text: '' });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes) => {
      running.text += bytes;
    });
  }
  t.after(() => child.kill('SIGKILL'));
  return running;
}

async function exitOf(t: TestContext, flags: string[]): Promise<[number, string]> {
  const child = run(t, flags);
  const [code] = await within(once(child, 'close'), 'the end of the program', START_PATIENCE);
  return [code, child.text];
}

/** Runs the program here, for flags that end it before it has begun: a process takes a second. */
async function exitInProcess(
  t: TestContext,
  flags: string[],
  turn: number,
): Promise<[number, string]> {
  let text = '';
  class Exit extends Error {
    readonly code: number;
    constructor(code: number) {
      super('exit');
      this.code = code;
    }
  }
  const exit = t.mock.method(process, 'exit', (code: number) => {
    throw new Exit(code);
  });
  const write = t.mock.method(process.stderr, 'write', (bytes: string) => {
    text += bytes;
    return true;
  });
  const { argv } = process;
  process.argv = [process.execPath, CLI, ...flags];
  try {
    await import(`../lib/cli.ts?turn=${turn}`);
    return [0, text];
  } catch (error) {
    return [(error as Exit).code, text];
  } finally {
    process.argv = argv;
    exit.mock.restore();
    write.mock.restore();
  }
}

/** Starts the program on any port, and reads from its log where it listens. */
async function start(t: TestContext, flags: string[]) {
  const child = run(t, ['--listen', '127.0.0.1:0', '--log', 'json', ...flags]);
  const listening = new Promise<string>((resolve) => {
    child.stdout!.on('data', () => {
      const line = child.text.split('\n').find((each) => each.includes('"listening"'));
      if (line) resolve(JSON.parse(line).url);
    });
  });
  const url = await within(listening, 'a listening program', START_PATIENCE);
  return { child, url: url.replace(/\/$/, '') };
}

interface Answer {
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
}

function fetchPage(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (res) => {
      let body = '';
      res.on('data', (bytes) => {
        body += bytes;
      });
      res.on('end', () =>
        resolve({ status: res.statusCode!, location: res.headers.location, body }),
      );
    }).on('error', reject);
  });
}

test('--help and --version say what they are for', async (t) => {
  const [[helped, help], [told, version]] = await Promise.all([
    exitOf(t, ['--help']),
    exitOf(t, ['--version']),
  ]);
  assert.equal(helped, 0);
  for (const flag of ['--listen', '--allow', '--base', '--cert', '--key', '--origin', '--log']) {
    assert.ok(help.includes(flag), flag);
  }
  assert.equal(told, 0);
  assert.equal(version.trim(), JSON.parse(readFileSync(PACKAGE, 'utf8')).version);
});

test('a wrong flag ends the program with 2 and one line that names it', async (t) => {
  const cases: [string[], RegExp][] = [
    [['--listen', 'nowhere'], /--listen nowhere: expected HOST:PORT/],
    [['--listen', '127.0.0.1:70000'], /--listen 127\.0\.0\.1:70000: expected/],
    [['--base', 'consoles'], /--base consoles: expected a path/],
    [['--base', '//evil'], /--base \/\/evil: expected a path/],
    [['--log', 'xml'], /--log xml: expected text or json/],
    [['--cert', 'a.pem'], /--cert and --key: expected both/],
    [['--cert', '/nowhere/a.pem', '--key', '/nowhere/b.pem'], /--cert \/nowhere\/a\.pem: ENOENT/],
    [['--allow', '10.0.0.0/33'], /--allow: "10\.0\.0\.0\/33" is not a rule/],
    [['--origin', 'consoles.example'], /--origin\b(?!s).*consoles\.example/],
    [['--verbose'], /--verbose/],
    [['10.0.0.7'], /10\.0\.0\.7/],
  ];
  for (const [at, [flags, message]] of cases.entries()) {
    const [code, text] = await exitInProcess(t, flags, at);
    assert.equal(code, 2, text);
    assert.match(text, /^express-novnc: [^\n]+\n$/);
    assert.match(text, message);
  }
});

test('a port in use ends the program with 1 and one line', async (t) => {
  const target = await VncTarget.open(t);
  const [code, text] = await exitOf(t, ['--listen', target.name]);
  assert.equal(code, 1);
  assert.match(text, /^express-novnc: cannot listen on .*EADDRINUSE/m);
});

test('it serves a start page, consoles and their relay, and drains on SIGTERM', async (t) => {
  const target = await VncTarget.open(t);
  const { child, url } = await start(t, ['--allow', '127.0.0.1:1-65535']);
  const home = await fetchPage(`${url}/`);
  assert.equal(home.status, 200);
  assert.match(home.body, /<form/);
  const named = await fetchPage(`${url}/?name=+${target.name}+`);
  assert.deepEqual([named.status, named.location], [303, `./${encodeURIComponent(target.name)}`]);
  const evil = await fetchPage(`${url}/?name=//evil.example/`);
  assert.equal(evil.location, './%2F%2Fevil.example%2F');
  const page = await fetchPage(`${url}/${target.name}`);
  assert.equal(page.status, 200);
  const relay = `${url.replace('http', 'ws')}/proxy?target=${target.name}`;
  const browser = Browser.open(t, relay, { headers: { Origin: url } });
  await browser.read(12);
  const foreign = await fetchPage(`${url}/${target.name}`, { Host: 'evil.example' });
  assert.equal(foreign.status, 403);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  assert.equal((await browser.closed()).code, 1001);
  const [code] = await within(exit, 'the end of the program');
  assert.equal(code, 0);
  assert.match(child.text, /"draining"/);
});

test('under a base it serves the same, and leads there', async (t) => {
  const target = await VncTarget.open(t);
  const { url } = await start(t, ['--base', '/a/consoles', '--allow', '127.0.0.1:1-65535']);
  const bare = await fetchPage(url);
  assert.deepEqual([bare.status, bare.location], [308, 'consoles/']);
  assert.equal((await fetchPage(`${url}/`)).status, 200);
  assert.equal((await fetchPage(`${url}/${target.name}`)).status, 200);
  assert.equal((await fetchPage(new URL('/', url).href)).status, 404);
});

test('with a certificate it serves https', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cert-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  writeFileSync(cert, CERTIFICATE.cert);
  writeFileSync(key, CERTIFICATE.key);
  const target = await VncTarget.open(t);
  const { url } = await start(t, ['--cert', cert, '--key', key, '--allow', '127.0.0.1:1-65535']);
  assert.match(url, /^https:/);
  await Browser.open(t, `${url.replace('http', 'ws')}/proxy?target=${target.name}`).read(12);
});

test('beyond this machine it warns that nobody is asked for a login', async (t) => {
  const child = run(t, ['--listen', '0.0.0.0:0', '--origin', 'https://consoles.example']);
  const warned = new Promise<void>((resolve) => {
    child.stdout!.on('data', () => /warn +anyone who reaches/.test(child.text) && resolve());
  });
  await within(warned, 'a warning', START_PATIENCE);
  assert.match(child.text, /info +listening url="http:\/\/0\.0\.0\.0:\d+\/"/);
});
