import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CHROMIUM_ONLY, NOT_IN_FIREFOX } from './e2e/not-in-firefox.ts';
import { STOCK_FEATURES } from './e2e/stock-features.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  readonly from: string;
  /** A file of the house, relative to its root, or a package. */
  readonly to: string;
  /** It is gone at run time. */
  readonly isType: boolean;
}

/** All TypeScript files under a folder, relative to the root. */
function filesOf(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((name) => /\.ts$/.test(name))
    .sort();
}

const STATEMENT = /^(?:import|export)\s+(type\s)?(?:([\w\s{},*]*?)\s*from\s*)?'([^']+)';/gms;

function importsOf(from: string): Import[] {
  const text = readFileSync(join(ROOT, from), 'utf8');
  const statics = [...text.matchAll(STATEMENT)].map(([, type, names = '', to = '']) => {
    const inBraces = /^\{([^}]*)\}$/s.exec(names.trim())?.[1];
    const each = inBraces?.split(',').filter((name) => name.trim() !== '') ?? [];
    const allTypes = each.length > 0 && each.every((name) => /^\s*type\s/.test(name));
    return { to, isType: type !== undefined || allTypes };
  });
  const dynamics = [...text.matchAll(/\bimport\('([^']+)'\)/g)].map(([, to = '']) => ({
    to,
    isType: false,
  }));
  return [...statics, ...dynamics].map(({ to, isType }) => ({
    from,
    to: to.startsWith('.') ? relative(ROOT, join(ROOT, dirname(from), to)) : to,
    isType,
  }));
}

/** From the top to the bottom; what stands in one row may import each other. */
const FLOORS: readonly (readonly RegExp[])[] = [
  [/^lib\/cli\.ts$/],
  [/^lib\/standalone\//],
  [/^lib\/index\.ts$/],
  [/^lib\/novnc\.ts$/],
  [/^lib\/connect\//],
  [/^lib\/(admission|settle|settle-page|checks|options)\.ts$/],
  [/^lib\/web\//],
  [/^lib\/session\//],
  [/^lib\/target\//, /^lib\/rfb\//, /^lib\/relay\//],
  [/^lib\/(errors|log|page-settings|key-names)\.ts$/],
];

function floorOf(file: string): number {
  return FLOORS.findIndex((floor) => floor.some((pattern) => pattern.test(file)));
}

const lib = filesOf('lib');
const arrows = lib.flatMap(importsOf);

test('the import lines of lib are read', () => {
  assert.ok(lib.length > 15 && arrows.length > 60);
  const known = arrows.find(({ from, to }) => from === 'lib/novnc.ts' && to === 'lib/errors.ts');
  assert.equal(known?.isType, false);
  const type = arrows.find(
    ({ from, to }) => from === 'lib/target/dial.ts' && to === 'lib/target/name.ts',
  );
  assert.equal(type?.isType, true);
});

test('every file of lib has its floor', () => {
  for (const file of lib) assert.notEqual(floorOf(file), -1, file);
});

test('imports point down', () => {
  const upward = arrows.filter(
    ({ from, to, isType }) => !isType && to.startsWith('lib/') && floorOf(to) < floorOf(from),
  );
  assert.deepEqual(upward, []);
});

test('target, rfb and the relay do not know each other, but by type', () => {
  const rooms = [/^lib\/target\//, /^lib\/rfb\//, /^lib\/(relay|browser-\w+)\.ts$/];
  const roomOf = (file: string) => rooms.findIndex((room) => room.test(file));
  const across = arrows.filter(
    ({ from, to, isType }) =>
      !isType && roomOf(from) >= 0 && roomOf(to) >= 0 && roomOf(from) !== roomOf(to),
  );
  assert.deepEqual(across, []);
});

test('errors imports nothing', () => {
  assert.deepEqual(importsOf('lib/errors.ts'), []);
});

test('what is pure knows no Express, no ws and no HTTP', () => {
  const pure =
    /^lib\/(relay|browser-frames|browser-socket|errors|log|rfb\/.*|target\/(name|policy)|web\/(origin|route))\.ts$/;
  const outside = arrows.filter(
    ({ from, to }) => pure.test(from) && /^(express|ws|node:(http|https|dns|fs))\b/.test(to),
  );
  assert.deepEqual(outside, []);
  const sockets = arrows.filter(
    ({ from, to, isType }) => pure.test(from) && to === 'node:net' && !isType,
  );
  const names = sockets.map(({ from }) => from).sort();
  // isIP and BlockList, which are functions of text.
  assert.deepEqual(names, ['lib/target/name.ts', 'lib/target/policy.ts']);
});

test('only the stand-alone program needs Express at run time', () => {
  const users = arrows.filter(({ to, isType }) => to === 'express' && !isType);
  assert.deepEqual([...new Set(users.map(({ from }) => from))], ['lib/standalone/app.ts']);
});

test('connect is imported by nobody, and packages that are optional by one file of it each', () => {
  const inward = arrows.filter(
    ({ from, to }) => to.startsWith('lib/connect/') && !from.startsWith('lib/connect/'),
  );
  assert.deepEqual(inward, []);
  const users = arrows.filter(({ to, isType }) => /^(ssh2|socks)$/.test(to) && !isType);
  assert.deepEqual(
    users.map(({ from, to }) => `${from} ${to}`),
    ['lib/connect/socks.ts socks', 'lib/connect/ssh.ts ssh2'],
  );
  // Static, they would be asked for by whoever imports any of connect.
  for (const { from } of users) {
    assert.doesNotMatch(read(from), /^import (?!type).*'(ssh2|socks)';$/m);
  }
});

test('nothing of lib imports noVNC, and nothing but what package.json names', () => {
  const { dependencies, peerDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  const packages = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)]);
  for (const { from, to } of arrows) {
    if (to.startsWith('lib/') || to.startsWith('node:')) continue;
    assert.ok(packages.has(to), `${from} imports ${to}`);
    assert.ok(!to.startsWith('@novnc/'));
  }
});

test('public imports nothing of lib but its tables', () => {
  const tables = /^lib\/(errors|page-settings|key-names)\.ts$/;
  const inward = filesOf('public')
    .flatMap(importsOf)
    .filter(({ to }) => to.startsWith('lib/') && !tables.test(to));
  assert.deepEqual(inward, []);
});

test('every file of lib is imported by another, or is a way in', () => {
  const imported = new Set(arrows.map(({ to }) => to));
  const unused = lib.filter((file) => !imported.has(file));
  assert.deepEqual(unused, ['lib/cli.ts', 'lib/connect/index.ts', 'lib/index.ts']);
});

test('no file of lib is longer than 300 lines', () => {
  const long = lib
    .map((file) => [file, readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1] as const)
    .filter(([, lines]) => lines > 300);
  assert.deepEqual(long, []);
});

/** What runs in the page, without the words of languages and the keys of layouts, which are data. */
const page = filesOf('public').filter((file) => !/\/(languages|layouts)\/|\.d\.ts$/.test(file));
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

test('modules of the page are short: half of them under 60 lines, none over 200', () => {
  const sizes = page.map((file) => [file, read(file).split('\n').length - 1] as const);
  assert.ok(sizes.length > 20);
  const sorted = sizes.map(([, lines]) => lines).sort((a, b) => a - b);
  assert.ok(sorted[sorted.length >> 1]! < 60, `the median is ${sorted[sorted.length >> 1]}`);
  const long = sizes.filter(([, lines]) => lines > 200);
  assert.deepEqual(long, []);
});

test('the page never makes elements of text, nor has a style of its own on one', () => {
  const views = readdirSync(join(ROOT, 'views')).map((name) => join('views', name));
  const forbidden =
    /innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|setHTMLUnsafe|\sstyle=|<style|setAttribute\(\s*['"]style/;
  const found = [...page, ...views].filter((file) => forbidden.test(read(file)));
  assert.ok(views.length > 8);
  assert.deepEqual(found, []);
});

test('elements of a page are looked up in one place', () => {
  // The console's, and the only scripts of two small pages.
  const places = /^public\/(elements|wall\/wall|host\/refused)\.ts$/;
  const elsewhere = page
    .filter((file) => !places.test(file))
    .flatMap((file) =>
      [...read(file).matchAll(/getElement\w+\(|\bdocument\s*\.\s*querySelector\w*\(/g)].map(
        ([lookup]) => `${file}: ${lookup}`,
      ),
    );
  assert.deepEqual(elsewhere, []);
});

test('every suite with a browser runs in Firefox too, or it is said why not', () => {
  const suites = filesOf('test/e2e').filter((file) => file.endsWith('.test.ts'));
  const titles = suites.map((file) => /^inEachBrowser\('([^']+)'/m.exec(read(file))?.[1]);
  const inOne = suites.filter((_file, at) => titles[at] === undefined);
  assert.deepEqual(
    inOne.map((file) => relative('test/e2e', file)),
    Object.keys(CHROMIUM_ONLY),
  );
  for (const title of Object.keys(NOT_IN_FIREFOX)) assert.ok(titles.includes(title), title);
});

test("what noVNC's own page offers is here too, on a real VNC server", async (t) => {
  for (const [feature, proofs] of Object.entries(STOCK_FEATURES)) {
    await t.test(feature, () => {
      for (const [name, title] of proofs) {
        const suite = read(`test/e2e/${name}.test.ts`);
        const isThere = [...`'"\``].some((quote) => suite.includes(`${quote}${title}`));
        assert.ok(isThere, `${name}: ${title}`);
        assert.match(suite, /start(TigerVnc|TigerByPam|X11Vnc|Qemu|WayVnc)\(/, name);
      }
    });
  }
});
