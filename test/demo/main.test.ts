import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { lacking } from '../helpers/system.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PATIENCE = 20_000;

interface Demo {
  readonly child: ChildProcess;
  readonly url: string;
  /** All that it has printed. */
  printed(): string;
}

interface End {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Page {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: Buffer;
  readonly text: string;
}

describe('the demo', () => {
  let demo: Demo;

  before(async () => {
    demo = await start();
  });
  after(() => demo.child.kill('SIGKILL'));

  it('lists consoles to click on a page that loads nothing from elsewhere', async () => {
    const { status, headers, text } = await get(demo.url);
    assert.equal(status, 200);
    assert.match(
      String(headers['content-security-policy']),
      /^default-src 'none'; style-src 'self'/,
    );
    assert.doesNotMatch(text, / style=| on[a-z]+=|<style|<script/);
    assert.deepEqual(consolesOn(text), ['desk-1', 'desk-2', 'desk-3', 'kiosk-1', 'rack-7']);
    assert.match(text, /password: <code>secret</);
    const [style] = /assets\/[\w.]+\.css/.exec(text) ?? [];
    assert.equal((await get(demo.url + style)).headers['content-type'], 'text/css; charset=utf-8');
  });

  it('shows what is on the screens, but not of the locked one', async () => {
    const { headers, body } = await get(`${demo.url}screens/desk-1`);
    assert.equal(headers['content-type'], 'image/png');
    assert.equal(body.subarray(0, 8).toString('hex'), '89504e470d0a1a0a');
    assert.deepEqual([body.readUInt32BE(16), body.readUInt32BE(20)], [512, 384]);
    assert.equal((await get(`${demo.url}screens/desk-2`)).status, 404);
    assert.equal((await get(`${demo.url}screens/nothing`)).status, 404);
  });

  it('has a page and a VNC server behind each console', async () => {
    const { text } = await get(demo.url);
    for (const name of consolesOn(text)) {
      const page = await get(`${demo.url}console/${name}`);
      assert.equal(page.status, 200, name);
      const [, relay = ''] = /data-relay="([^"]+)"/.exec(page.text) ?? [];
      if (name === 'rack-7') assert.equal(await ending(demo, relay), 4502);
      else assert.equal(await greeting(demo, relay), 'RFB 003.008\n', name);
    }
  });

  it('knows no other names', async () => {
    assert.equal((await get(`${demo.url}console/desk-9`)).status, 404);
  });

  for (const [typed, name] of [
    ['localhost:5999', 'localhost:5999'],
    [' 127.0.0.1:1 ', '127.0.0.1:1'],
    ['[::1]', '[::1]:5901'],
    ['5907', 'localhost:5907'],
    ['desk-1', 'desk-1'],
  ] as const) {
    it(`opens what is typed: ${typed}`, async () => {
      const { status, headers } = await get(`${demo.url}?address=${encodeURIComponent(typed)}`);
      assert.equal(status, 303);
      assert.equal(headers.location, `console/${encodeURIComponent(name)}`);
      assert.equal((await get(new URL(headers.location, demo.url).href)).status, 200);
    });
  }

  for (const typed of ['', 'example.com:80', '10.0.0.7:5901', 'localhost:', '70000', '"><b>']) {
    it(`says in words that this cannot be opened: ${typed}`, async () => {
      const { status, text } = await get(`${demo.url}?address=${encodeURIComponent(typed)}`);
      assert.equal(status, 400);
      assert.match(text, /role="alert">That is not an address on this computer/);
      assert.doesNotMatch(text, /<b>/);
    });
  }

  it('opens consoles on no other machine', async () => {
    assert.equal((await get(`${demo.url}console/10.0.0.7:5901`)).status, 403);
  });

  it('does not answer to a foreign name, so that no foreign page can rebind it', async () => {
    for (const path of ['', 'screens/desk-1', 'console/desk-1', 'console/proxy?target=desk-1']) {
      assert.equal((await get(demo.url + path, 'evil.example:80')).status, 403, path);
    }
    assert.equal((await get(demo.url, 'localhost')).status, 200);
    const socket = new WebSocket(`${demo.url}console/proxy?target=desk-1`, {
      headers: { Host: 'evil.example' },
      origin: 'http://evil.example',
    });
    assert.equal((await once(socket, 'close'))[0], 4403);
  });
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  it(`the demo ends by ${signal}, and everything with it`, async (t) => {
    const demo = await start(t);
    const socket = new WebSocket(`${demo.url}console/proxy?target=desk-1`);
    await once(socket, 'message');
    const closed = once(socket, 'close');
    const exit = once(demo.child, 'exit');
    demo.child.kill(signal);
    demo.child.kill(signal);
    assert.equal((await closed)[0], 1001);
    assert.deepEqual(await exit, [0, null]);
    assert.equal(await isListening(Number(new URL(demo.url).port)), false);
  });
}

for (const [args, expected] of [
  [['--frob'], /^demo: Unknown option '--frob'; there are --xvnc and --help\n$/],
  [['frob'], /^demo: Unexpected argument 'frob'; [^\n]+\n$/],
] as const) {
  it(`the demo says what is wrong with ${args.join(' ')}`, async (t) => {
    const { code, stdout, stderr } = await run(t, args);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, expected);
  });
}

it('the demo says that PORT is no port', async (t) => {
  const { code, stderr } = await run(t, [], { PORT: '80x' });
  assert.deepEqual([code, stderr], [2, 'demo: PORT is "80x": expected a number from 0 to 65535\n']);
});

it('the demo says that its port is in use', async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const { code, stdout, stderr } = await run(t, [], { PORT: `${port}` });
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /^demo: cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE[^\n]*\n$/);
});

it('the demo goes on without an X server, and says what to install', async (t) => {
  const demo = await start(t, ['--xvnc'], { PATH: '/nonexistent' });
  assert.match(demo.printed(), /^No X desktop: .*apt-get install[^\n]+\nDemo: http/);
  assert.equal(consolesOn((await get(demo.url)).text).length, 5);
});

describe('the demo with a real X desktop', { skip: lacking('Xtigervnc') }, () => {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    it(`leaves no orphan after ${signal}`, async (t) => {
      const demo = await start(t, ['--xvnc']);
      const { text } = await get(demo.url);
      assert.equal(consolesOn(text).at(-1), 'x-1');
      assert.equal(await greeting(demo, 'proxy?target=x-1'), 'RFB 003.008\n');
      const x = descendants(demo.child.pid!).filter((line) => /\bXtigervnc\b/.test(line));
      assert.ok(x.length > 0);
      const [, port] = /-rfbport (\d+)/.exec(x.at(-1)!) ?? [];
      const exit = once(demo.child, 'exit');
      demo.child.kill(signal);
      assert.deepEqual(await exit, signal === 'SIGTERM' ? [0, null] : [null, 'SIGKILL']);
      await gone(Number(port));
    });
  }
});

/** Starts the demo on a free port, and waits for its line. */
async function start(
  t?: TestContext,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Demo> {
  const child = launch(args, env);
  t?.after(() => child.kill('SIGKILL'));
  let printed = '';
  let complaint = '';
  child.stderr!.on('data', (text) => {
    complaint += text;
  });
  for await (const text of child.stdout!) {
    printed += text;
    const [, url] = /^Demo: (http:\S+)\n/m.exec(printed) ?? [];
    if (url !== undefined) return { child, url, printed: () => printed };
  }
  throw new Error(`the demo did not start: ${printed}${complaint}`);
}

/** Runs the demo to its end. */
async function run(
  t: TestContext,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<End> {
  const child = launch(args, env);
  t.after(() => child.kill('SIGKILL'));
  const end = { stdout: '', stderr: '' };
  child.stdout!.on('data', (text) => {
    end.stdout += text;
  });
  child.stderr!.on('data', (text) => {
    end.stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, ...end };
}

function launch(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'demo/main.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, HOST: '', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The names of the consoles that a page links to. */
function consolesOn(html: string): string[] {
  return [...html.matchAll(/<a [^>]*href="console\/([^"]+)"/g)].map(([, name]) => name ?? '');
}

async function get(url: string, host?: string): Promise<Page> {
  const req = request(url, { agent: false, headers: host === undefined ? {} : { host } });
  req.end();
  const [res] = await once(req, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of res) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  return { status: res.statusCode, headers: res.headers, body, text: body.toString() };
}

/** What the VNC server behind a relay says first. */
async function greeting(demo: Demo, relay: string): Promise<string> {
  const socket = new WebSocket(`${demo.url}console/${relay}`);
  try {
    const [bytes] = await once(socket, 'message', { signal: AbortSignal.timeout(PATIENCE) });
    return String(bytes);
  } finally {
    socket.terminate();
  }
}

async function ending(demo: Demo, relay: string): Promise<number> {
  const socket = new WebSocket(`${demo.url}console/${relay}`);
  const [code] = await once(socket, 'close', { signal: AbortSignal.timeout(PATIENCE) });
  return code;
}

/** The command lines of a process's children, and of theirs. */
function descendants(pid: number): string[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const rows = table.split('\n').map((line) => {
    const [, pid, parent, args] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return { pid: Number(pid), parent: Number(parent), args: args ?? '' };
  });
  const below = (parent: number): typeof rows =>
    rows.filter((row) => row.parent === parent).flatMap((row) => [row, ...below(row.pid)]);
  return below(pid).map(({ args }) => args);
}

function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}

/** A process that is no child of ours gives no event when it ends. */
async function gone(port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  while (await isListening(port)) {
    assert.ok(performance.now() < deadline, `somebody still listens on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
