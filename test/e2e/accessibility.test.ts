import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import axe, { type AxeResults } from 'axe-core';
import { lacking } from '../helpers/system.ts';
import type { Tab } from './browser.ts';
import type { Host } from './host-app.ts';
import { eachOverlay } from './overlays.ts';
import { openStage, type Stage } from './stage.ts';
import { startStandalone } from './standalone.ts';
import { freePort, startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking(...(['chromium', 'Xtigervnc', 'vncpasswd', 'xclock', 'xwd'] as const));

const WIDE = { width: 1440, height: 900 };
const PHONE = { width: 390, height: 844 };
/** What is left of a small laptop's window when the page is zoomed to 200 %. */
const ZOOMED = { width: 640, height: 400 };
const SCHEMES = ['light', 'dark'] as const;

/** What one can press or fill in. */
const CONTROLS = 'button, a[href], input, select, textarea, summary';

describe('the page for those who see, hear or move otherwise', { skip }, () => {
  let stage: Stage;
  let host: Host;
  let open: XServer;
  let locked: XServer;
  let start: string;

  before(async () => {
    stage = await openStage();
    host = await stage.startHost({
      resolve: (name) => {
        if (name === 'silent') return { connect: () => new Promise(() => {}) };
        if (name === 'open') return { host: '127.0.0.1', port: open.port, label: 'Build server' };
        if (name === 'locked') return { host: '127.0.0.1', port: locked.port, label: 'Vault' };
        if (name === 'closed') return { host: '127.0.0.1', port: closed };
        return undefined;
      },
      list: () => [
        {
          name: 'open',
          label: 'Build server',
          group: 'Lab',
          description: 'Debian',
          state: 'running',
        },
        { name: 'locked', label: 'Vault', group: 'Office', state: 'stopped' },
      ],
      page: {
        actions: [{ id: 'restart', label: 'Restart', confirm: 'Restart {name}?', run: () => {} }],
      },
    });
    const closed = await freePort();
    open = await stage.keep(startTigerVnc({ name: 'build:1' }));
    locked = await stage.keep(startTigerVnc({ password: 'secret' }));
    open.start('xclock', '-geometry', '300x300+480+60');
    start = await startStandalone(stage, ['127.0.0.1:1-65535', '10.0.0.0/8']);
  });
  after(() => stage.close());

  const states: Record<string, (tab: Tab) => Promise<void>> = {
    connecting: (tab) => tab.open(host.url('silent'), 'connecting'),
    'signing in': async (tab) => {
      await tab.open(host.url('locked'), 'signing-in');
      await tab.page.getByRole('dialog').waitFor();
    },
    connected: (tab) => tab.open(host.url('open')),
    'ended by the person': async (tab) => {
      await tab.open(host.url('open'));
      await tab.page.locator('#disconnect').evaluate((button: HTMLElement) => button.click());
      await tab.reaches('ended');
    },
    'ended by a refused sign-in': async (tab) => {
      await tab.open(host.url('locked'), 'signing-in');
      await tab.page.locator('#credentials input[name="password"]').fill('wrong');
      await tab.page.keyboard.press('Enter');
      await tab.reaches('ended');
    },
    'ended before it began': (tab) => tab.open(host.url('closed'), 'ended'),
    refused: (tab) => tab.open(host.url('nothing'), 'ended'),
    'waiting for the next attempt': async (tab) => {
      const server = await stage.keep(startTigerVnc());
      await tab.open(host.url(server.port));
      await server.kill();
      await tab.reaches('waiting');
    },
    'the details of an end': async (tab) => {
      await tab.open(host.url('open'));
      await tab.page.locator('#disconnect').evaluate((button: HTMLElement) => button.click());
      await tab.reaches('ended');
      await tab.page.locator('summary').click();
    },
    'a question before an action': async (tab) => {
      await tab.open(host.url('open'));
      await tab.page.getByRole('button', { name: 'Restart' }).click();
      await tab.page.getByRole('dialog', { name: 'Restart Build server?' }).waitFor();
    },
    'the wall': async (tab) => void (await tab.page.goto(host.url(''))),
    'the start page': async (tab) => void (await tab.page.goto(start)),
  };

  for (const [state, reach] of Object.entries(states)) {
    it(`has nothing that axe finds fault with: ${state}`, () =>
      stage.withTab(
        async (tab) => {
          await reach(tab);
          await isFaultless(tab, state);
        },
        { reducedMotion: 'reduce' },
      ));
  }

  it('has nothing that axe finds fault with in any panel or dialog', () =>
    stage.withTab(
      async (tab) => {
        await tab.open(host.url('open'));
        const seen = await eachOverlay(tab.page, async (id) => {
          // It has no question yet: the state above has one.
          if (id !== 'confirm') await isFaultless(tab, id);
        });
        assert.ok(seen.length >= 3, `${seen}`);
      },
      { reducedMotion: 'reduce' },
    ));

  it('has targets of 44 by 44 pixels for fingers, on every panel and dialog too', () =>
    stage.withTab(
      async (tab) => {
        await tab.open(host.url('open'));
        const small: string[] = [];
        await eachOverlay(tab.page, async (id) => small.push(...(await smallTargets(tab, id))));
        small.push(...(await smallTargets(tab, 'page')));
        await tab.open(host.url('closed'), 'ended');
        small.push(...(await smallTargets(tab, 'end')));
        assert.deepEqual(small, []);
      },
      { viewport: PHONE, hasTouch: true, isMobile: true, reducedMotion: 'reduce' },
    ));

  it('loses nothing when it is zoomed to 200 %, nor on a small phone', () =>
    stage.withTab(
      async (tab) => {
        for (const viewport of [ZOOMED, { width: 320, height: 480 }]) {
          await tab.page.setViewportSize(viewport);
          const where = `${viewport.width}x${viewport.height}`;
          await tab.open(host.url('open'));
          const lost: string[] = [];
          await eachOverlay(tab.page, async (id) => lost.push(...(await unreachable(tab, id))));
          lost.push(...(await unreachable(tab, null)));
          await tab.shot(`zoomed-${where}`);
          await tab.open(host.url('closed'), 'ended');
          lost.push(...(await unreachable(tab, null)));
          assert.deepEqual(lost, [], where);
        }
        const meta = await tab.page.locator('meta[name="viewport"]').getAttribute('content');
        assert.doesNotMatch(meta ?? '', /user-scalable|maximum-scale/);
      },
      { reducedMotion: 'reduce' },
    ));

  it('lets the keyboard out of the screen, and reach every button in the order they stand', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url('open'));
      await tab.page.locator('#screen canvas:focus').waitFor();
      await leaveScreen(tab);
      const visited = await walk(tab);
      assert.deepEqual(
        visited.map(({ name }) => name),
        await visibleButtons(tab),
      );
      assert.deepEqual(
        visited.filter(({ outline }) => !outline).map(({ name }) => name),
        [],
        'without a visible focus',
      );
    }));

  it('says how the keyboard leads out of the screen, for eyes and ears', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url('open'));
      const screen = tab.page.getByRole('application', { name: /Build server/ });
      assert.match((await screen.getAttribute('aria-description')) ?? '', /Ctrl.+Alt.+Shift/);
      const shown: string[] = [];
      await eachOverlay(tab.page, async (id) => {
        shown.push((await tab.page.locator(`#${id}`).textContent()) ?? '');
      });
      shown.push((await tab.page.locator('main').textContent()) ?? '');
      assert.ok(
        shown.some((text) => /Ctrl\W+Alt\W+(and )?Shift/.test(text)),
        'no text on the page names the chord',
      );
    }));

  it('shows where the keyboard is while the screen has it', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url('open'));
      await tab.page.locator('#screen canvas:focus').waitFor();
      const frame = () =>
        tab.page.locator('#screen').evaluate((screen) => getComputedStyle(screen).boxShadow);
      const focused = await frame();
      await leaveScreen(tab);
      assert.notEqual(await frame(), focused);
    }));

  it('announces its states, and an end at once', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url('locked'), 'signing-in');
      const status = tab.page.locator('#status');
      assert.equal(
        await status.evaluate((element) => element.closest('output, [role=status]') !== null),
        true,
      );
      assert.equal(await status.textContent(), 'Signing in');
      await tab.page.keyboard.press('Escape');
      await tab.reaches('ended');
      assert.equal(await status.textContent(), 'Disconnected');
      assert.match(
        (await tab.page.getByRole('alert').textContent()) ?? '',
        /Signing in was cancelled\./,
      );
    }));

  it('can be used by keyboard alone from its end to the next session', () =>
    stage.withTab(async (tab) => {
      await tab.open(host.url('open'));
      await tab.page.locator('#disconnect').evaluate((button: HTMLElement) => button.click());
      await tab.reaches('ended');
      for (let count = 0; count < 30; count++) {
        if (await tab.page.evaluate(() => document.activeElement?.id === 'reconnect')) break;
        await tab.page.keyboard.press('Tab');
      }
      await tab.page.keyboard.press('Enter');
      await tab.reaches('connected');
      await tab.page.locator('#screen canvas:focus').waitFor();
    }));

  it('keeps its shapes in forced colours', () =>
    stage.withTab(
      async (tab) => {
        await tab.open(host.url('open'));
        await tab.shows(open);
        await tab.shot('forced-colors');
        const invisible = await tab.page.evaluate(() =>
          [...document.querySelectorAll('button')]
            .filter((button) => button.checkVisibility({ visibilityProperty: true }))
            .filter((button) => {
              const { color, backgroundColor } = getComputedStyle(button);
              return color === backgroundColor;
            })
            .map((button) => button.id),
        );
        assert.deepEqual(invisible, []);
        await tab.page.locator('#open-clipboard').evaluate((button: HTMLElement) => button.click());
        await tab.page.locator('#clipboard').waitFor();
        await tab.shot('forced-colors-clipboard');
      },
      { forcedColors: 'active' },
    ));
});

/** Runs axe in every window and colour scheme; reports what it finds by rule and element. */
async function isFaultless(tab: Tab, state: string): Promise<void> {
  const faults = new Set<string>();
  if (!(await tab.page.evaluate(() => 'axe' in window))) await tab.page.evaluate(axe.source);
  for (const viewport of [WIDE, PHONE]) {
    await tab.page.setViewportSize(viewport);
    for (const colorScheme of SCHEMES) {
      await tab.page.emulateMedia({ colorScheme });
      const { violations } = await tab.page.evaluate<AxeResults>(
        'axe.run(document, { preload: false, resultTypes: ["violations"] })',
      );
      for (const { id, nodes } of violations) {
        for (const { target, failureSummary } of nodes) {
          const why = failureSummary?.replace(/\s+/g, ' ');
          faults.add(`${id}, ${viewport.width} ${colorScheme}: ${target} ${why}`);
        }
      }
    }
  }
  assert.deepEqual([...faults], [], state);
}

/** Tells all controls that a finger would miss. A label around a control is part of it. */
function smallTargets(tab: Tab, where: string): Promise<string[]> {
  return tab.page.evaluate(
    ([controls, where]) =>
      [...document.querySelectorAll(controls)]
        .filter((control) => control.checkVisibility({ visibilityProperty: true }))
        .flatMap((control) => {
          const target = control.closest('label') ?? control;
          const { width, height } = target.getBoundingClientRect();
          // What is but a pixel is for assistive technology, or takes the keys of a touch screen.
          if (width <= 1 || (width > 43.5 && height > 43.5)) return [];
          const name = control.id || control.textContent?.trim() || control.getAttribute('name');
          return `${where}: ${name} is ${Math.round(width)} x ${Math.round(height)}`;
        }),
    [CONTROLS, where] as const,
  );
}

/** Tells the controls that cannot be brought into sight: outside, or under something else. */
function unreachable(tab: Tab, overlay: string | null): Promise<string[]> {
  return tab.page.evaluate(
    ([controls, overlay]) => {
      const place = overlay === null ? document : document.getElementById(overlay)!;
      return [...place.querySelectorAll<HTMLElement>(controls)]
        .filter((control) => control.checkVisibility({ visibilityProperty: true }))
        .filter((control) => !(control as HTMLButtonElement).disabled && control.offsetWidth > 1)
        .filter((control) => {
          control.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
          const { x, y, width, height } = (
            control.closest('label') ?? control
          ).getBoundingClientRect();
          const hit = document.elementFromPoint(x + width / 2, y + height / 2);
          return !hit || !(hit.closest('label') ?? control).contains(hit);
        })
        .map((control) => `${overlay ?? 'page'}: ${control.id || control.textContent?.trim()}`);
    },
    [CONTROLS, overlay] as const,
  );
}

async function leaveScreen(tab: Tab): Promise<void> {
  const { keyboard } = tab.page;
  for (const key of ['Control', 'Alt', 'Shift']) await keyboard.down(key);
  for (const key of ['Shift', 'Alt', 'Control']) await keyboard.up(key);
  await tab.page.locator('[role="toolbar"] :focus').waitFor();
}

interface Stop {
  readonly name: string;
  readonly outline: boolean;
}

/** Goes through the toolbar by arrow keys, and by Tab where these lead nowhere. */
async function walk(tab: Tab): Promise<Stop[]> {
  const stops = new Map<string, Stop>();
  const look = () =>
    tab.page.evaluate(() => {
      const focused = document.activeElement!;
      const { outlineStyle, outlineWidth } = getComputedStyle(focused);
      const outline = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
      const name = focused.nodeName === 'BUTTON' ? focused.id || focused.textContent?.trim() : '';
      return { name: name ?? '', outline };
    });
  await tab.page.keyboard.press('Home');
  for (const key of ['ArrowRight', 'Tab', 'Shift+Tab']) {
    for (let stop = await look(); stop.name !== '' && stops.size < 100; stop = await look()) {
      const isNew = !stops.has(stop.name);
      stops.set(stop.name, stop);
      if (!isNew && key === 'ArrowRight' && stops.size > 1) break;
      const before = stop.name;
      await tab.page.keyboard.press(key);
      if ((await look()).name === before) break;
    }
  }
  return [...stops.values()];
}

function visibleButtons(tab: Tab): Promise<string[]> {
  return tab.page.evaluate(() =>
    [...document.querySelectorAll('button')]
      .filter((button) => button.checkVisibility({ visibilityProperty: true }) && !button.disabled)
      .sort((one, other) => one.getBoundingClientRect().x - other.getBoundingClientRect().x)
      .map((button) => button.id || button.textContent.trim()),
  );
}
