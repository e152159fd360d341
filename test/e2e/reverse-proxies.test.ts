import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import { startVncServer } from '../../demo/vnc-server/vnc-server.ts';
import { lacking, type Program } from '../helpers/system.ts';
import { eventually } from './eventually.ts';
import { startHost } from './host-app.ts';

const README = new URL('../../README.md', import.meta.url);

/** How each proxy runs what the README shows of it, once the ports are put in. */
const PROXIES: Record<
  'nginx' | 'haproxy' | 'caddy',
  { command(file: string): string[]; whole(snippet: string, port: number, folder: string): string }
> = {
  nginx: {
    command: (file) => ['-e', 'stderr', '-c', file, '-g', 'daemon off;'],
    whole: (snippet, port, folder) => {
      const [map, ...location] = snippet.split('\n');
      return `pid ${folder}/pid;
        events {}
        http {
          access_log off;
          client_body_temp_path ${folder}/body;
          proxy_temp_path ${folder}/proxy;
          fastcgi_temp_path ${folder}/fastcgi;
          uwsgi_temp_path ${folder}/uwsgi;
          scgi_temp_path ${folder}/scgi;
          ${map}
          server {
            listen 127.0.0.1:${port};
            ${location.join('\n')}
          }
        }`;
    },
  },
  haproxy: {
    command: (file) => ['-db', '-f', file],
    whole: (snippet, port) => `${snippet.replace('bind :80', `bind 127.0.0.1:${port}`)}\n`,
  },
  caddy: {
    command: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
    whole: (snippet, port) =>
      `{\n  admin off\n  auto_https off\n}\nhttp://127.0.0.1:${port} {\n${snippet}\n}\n`,
  },
};

for (const [name, proxy] of Object.entries(PROXIES)) {
  test(`what the README says of ${name} lets a console through`, {
    skip: lacking(name as Program),
  }, async (t) => {
    const desktop = await startVncServer({ port: 0, host: '127.0.0.1', width: 320, height: 240 });
    t.after(() => desktop.close());
    const host = await startHost();
    t.after(() => host.close());
    const port = await start(t, name as keyof typeof PROXIES, proxy, host.port);

    const address = `127.0.0.1:${desktop.port}`;
    const page = `http://127.0.0.1:${port}/lab/console/${address}`;
    const html = await (await fetch(page)).text();
    const relay = /data-relay="([^"]+)"/.exec(html)?.[1];
    assert.ok(relay, html);
    const script = /src="(assets\/main-[^"]+)"/.exec(html)?.[1];
    assert.equal((await fetch(new URL(script!, page))).status, 200);
    const url = new URL(relay, page);
    const browser = new WebSocket(url, 'binary', { origin: url.origin });
    t.after(() => browser.terminate());
    const banner = await new Promise((resolve, reject) => {
      browser.on('message', (data) => resolve(data.toString()));
      browser.on('error', reject);
      browser.on('close', (code) => reject(new Error(`closed with ${code}`)));
    });
    assert.equal(banner, 'RFB 003.008\n');
  });
}

/** Runs a proxy with the README's lines for it; tells its port. */
async function start(
  t: TestContext,
  name: keyof typeof PROXIES,
  { command, whole }: (typeof PROXIES)[keyof typeof PROXIES],
  appPort: number,
): Promise<number> {
  const readme = await readFile(README, 'utf8');
  const [, snippet = ''] = new RegExp(`\`\`\`${name}\n([\\s\\S]+?)\n\`\`\``).exec(readme) ?? [];
  assert.ok(snippet.includes('127.0.0.1:3000'), `the README has no lines for ${name}`);
  const folder = await mkdtemp(join(tmpdir(), 'proxy-'));
  const port = await freePort();
  const text = whole(snippet.replace('127.0.0.1:3000', `127.0.0.1:${appPort}`), port, folder);
  const file = join(folder, 'config');
  await writeFile(file, text);
  const child = spawn(name, command(file), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, HOME: folder },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes) => {
      said += bytes;
    });
  }
  t.after(async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  });
  await eventually(`${name} that listens`, () => {
    assert.equal(child.exitCode, null, said);
    return new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
  });
  return port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
  await gone;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
