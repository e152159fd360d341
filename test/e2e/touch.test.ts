import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { PageSettings } from '../../lib/page-settings.ts';
import { lacking } from '../helpers/system.ts';
import { PHONE, type Tab } from './browser.ts';
import { type EventTester, openEventTester } from './event-tester.ts';
import type { Host } from './host-app.ts';
import { openStage, type Stage } from './stage.ts';
import { startTigerVnc, type XServer } from './x-server.ts';

const skip = lacking('chromium', 'Xtigervnc', 'xev', 'xdotool');

type Point = readonly [x: number, y: number];

describe('fingers on the screen', { skip }, () => {
  let stage: Stage;
  let server: XServer;
  let host: Host;

  before(async () => {
    stage = await openStage();
    server = await stage.keep(startTigerVnc());
    host = await stage.startHost();
  });
  after(() => stage.close());

  /** Opens a console on a phone, with a window under it that tells of keys and the mouse. */
  async function onPhone(
    body: (tab: Tab, fingers: Fingers, events: EventTester) => Promise<void>,
    chosen: Partial<PageSettings> = {},
  ): Promise<void> {
    const events = await openEventTester(server, 'keyboard', 'button');
    try {
      await stage.withTab(async (tab) => {
        await tab.prefer(chosen);
        await tab.open(host.url(server.port));
        await body(tab, await fingersOn(tab), events);
      }, PHONE);
    } finally {
      events.stop();
    }
  }

  it('click where they tap: one, two and three of them with three buttons', () =>
    onPhone(async (_tab, fingers, events) => {
      await fingers.tap([200, 300]);
      await events.saw('+1@200,300 -1@200,300');
      await fingers.tap([200, 100], [260, 100]);
      await events.sees(/ \+3@230,100 -3@230,100$/);
      await fingers.tap([200, 100], [260, 100], [320, 100]);
      await events.sees(/ \+2@260,100 -2@260,100$/);
    }));

  it('hit the same spot when they tap twice, though they never do exactly', () =>
    onPhone(async (_tab, fingers, events) => {
      await fingers.tap([400, 300]);
      await fingers.tap([412, 291]);
      await events.saw('+1@400,300 -1@400,300 +1@400,300 -1@400,300');
    }));

  it('press the right button when they rest', () =>
    onPhone(async (_tab, fingers, events) => {
      await fingers.down([200, 400]);
      await events.saw('+3@200,400');
      await fingers.up();
      await events.saw('+3@200,400 -3@200,400');
    }));

  it('drag with the left button', () =>
    onPhone(async (_tab, fingers, events) => {
      await fingers.swipe([[200, 200]], 300, 150);
      await events.saw('+1@200,200 -1@500,350');
    }));

  it('turn the wheel, two of them together, either way', () =>
    onPhone(async (_tab, fingers, events) => {
      const two: Point[] = [
        [300, 250],
        [400, 250],
      ];
      await fingers.swipe(two, 0, 300);
      await events.sees(/^(\+4@350,250 -4@350,250 ?)+$/);
      const up = events.seen();
      await fingers.swipe(two, 0, -240);
      await events.sees(/( \+5@350,250 -5@350,250)+$/);
      assert.ok(events.seen().startsWith(up));
      await fingers.swipe(two, -280, 0);
      await events.sees(/( \+7@350,250 -7@350,250)+$/);
      assert.ok(!events.seen().includes('+1'));
    }));

  it('turn the wheel with Ctrl when they spread and pinch, and press no other key', () =>
    onPhone(async (_tab, fingers, events) => {
      const wheel = (button: number) =>
        `(\\+Control_L (\\+${button}@400,300 -${button}@400,300 )+-Control_L ?)+`;
      await fingers.spread([350, 300], [450, 300], 240);
      await events.sees(new RegExp(`^${wheel(4)}$`));
      await fingers.spread([110, 300], [690, 300], -240);
      await events.sees(new RegExp(`^${wheel(4)}${wheel(5)}$`));
    }));

  it('combine with keys that are held in the panel', () =>
    onPhone(async (tab, fingers, events) => {
      await tab.page.locator('#open-keys').tap();
      await tab.page.locator('#keys [data-hold="Control"]').tap();
      await tab.page.locator('#keys .panel_close').tap();
      await fingers.tap([200, 300]);
      await fingers.spread([350, 300], [450, 300], 240);
      await events.sees(/^\+Control_L \+1@200,300 -1@200,300( \+4@400,300 -4@400,300)+$/);
      await tab.page.locator('#open-keys').tap();
      await tab.page.locator('#keys-release').tap();
      await events.sees(/ -Control_L$/);
    }));

  it('leave the keyboard of the phone open', () =>
    onPhone(async (tab, fingers, events) => {
      await tab.page.locator('#open-touch-keyboard').tap();
      await tab.page.locator('#touch-keyboard:focus').waitFor();
      await fingers.tap([300, 200]);
      await events.saw('+1@300,200 -1@300,200');
      assert.equal(await tab.page.locator('#touch-keyboard:focus').count(), 1);
    }));

  it('touch nothing for who only watches', () =>
    onPhone(
      async (tab, fingers, events) => {
        await fingers.tap([200, 300]);
        await fingers.spread([350, 300], [450, 300], 240);
        await fingers.swipe([[200, 200]], 300, 150);
        await tab.page.locator('#open-more').tap();
        await tab.page.locator('#open-settings').tap();
        await tab.page.locator('[data-setting="viewOnly"]').tap();
        await tab.page.locator('#settings .panel_close').tap();
        await fingers.tap([100, 100]);
        await events.saw('+1@100,100 -1@100,100');
      },
      { viewOnly: true },
    ));

  it('move the view of a screen that is cut, if that is wished, and then the mouse again', () =>
    onPhone(
      async (tab, fingers, events) => {
        const move = tab.page.getByRole('button', { name: 'Move the view' });
        await move.tap();
        await tab.page.locator('#view-drag[aria-pressed="true"]').waitFor();
        // One pixel of the page is one of the desktop's.
        await fingers.swipe([[300, 200]], -150, 0);
        await fingers.tap([20, 100]);
        await events.saw('+1@170,100 -1@170,100');
        await fingers.swipe([[380, 200]], -360, 0);
        await fingers.tap([10, 300]);
        await events.sees(/ \+1@420,300 -1@420,300$/);
        await move.tap();
        await tab.page.locator('#view-drag[aria-pressed="false"]').waitFor();
        await fingers.swipe([[20, 400]], 100, 50);
        await events.sees(/ \+1@430,400 -1@530,450$/);
      },
      { scaling: 'actual' },
    ));
});

type Fingers = Awaited<ReturnType<typeof fingersOn>>;

/** Fingers that touch the glass; their points are those of the remote screen, if it is not cut. */
async function fingersOn(tab: Tab) {
  const phone = await tab.page.context().newCDPSession(tab.page);

  async function touch(
    type: 'touchStart' | 'touchMove' | 'touchEnd',
    points: readonly Point[],
  ): Promise<void> {
    const places = await Promise.all(points.map(([x, y]) => tab.at(x, y)));
    const touchPoints = places.map(([x, y], id) => ({ x, y, id }));
    await phone.send('Input.dispatchTouchEvent', { type, touchPoints });
  }

  /** Moves from the first to the last points, in steps. */
  async function glide(from: readonly Point[], to: readonly Point[]): Promise<void> {
    await touch('touchStart', from);
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9, 1]) {
      const points = from.map(([x, y], at): Point => {
        const [toX, toY] = to[at]!;
        return [x + share * (toX - x), y + share * (toY - y)];
      });
      await touch('touchMove', points);
    }
    await touch('touchEnd', []);
  }

  return {
    down: (...points: Point[]) => touch('touchStart', points),
    up: () => touch('touchEnd', []),
    async tap(...points: Point[]) {
      await touch('touchStart', points);
      await touch('touchEnd', []);
    },
    swipe: (from: readonly Point[], right: number, down: number) =>
      glide(
        from,
        from.map(([x, y]) => [x + right, y + down]),
      ),
    /** Moves two fingers that far away from each other, each. */
    spread: ([x, y]: Point, [otherX, otherY]: Point, by: number) =>
      glide(
        [
          [x, y],
          [otherX, otherY],
        ],
        [
          [x - by, y],
          [otherX + by, otherY],
        ],
      ),
  };
}
