import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { bindWayOut } from '../../../public/screen/way-out.ts';

const ALL = { ctrlKey: true, altKey: true, shiftKey: true };
const NONE = { ctrlKey: false, altKey: false, shiftKey: false };

type Stroke = [type: 'keydown' | 'keyup', key: string, held: typeof ALL];

function leavesAfter(...strokes: Stroke[]): number {
  const screen = new EventTarget();
  const leave = mock.fn();
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    bindWayOut(screen as HTMLElement, leave);
    for (const [type, key, held] of strokes) {
      screen.dispatchEvent(Object.assign(new Event(type), { key, ...held }));
    }
    mock.timers.tick(0);
  } finally {
    mock.timers.reset();
  }
  return leave.mock.callCount();
}

test('bindWayOut leaves when Ctrl, Alt and Shift were pressed together and all let go', () => {
  assert.equal(
    leavesAfter(
      ['keydown', 'Control', { ...NONE, ctrlKey: true }],
      ['keydown', 'Alt', { ...ALL, shiftKey: false }],
      ['keydown', 'Shift', ALL],
      ['keyup', 'Alt', { ...ALL, altKey: false }],
      ['keyup', 'Shift', { ...NONE, ctrlKey: true }],
      ['keyup', 'Control', NONE],
    ),
    1,
  );
});

test('bindWayOut stays while one of them is held, so that none gets stuck on the console', () => {
  assert.equal(
    leavesAfter(['keydown', 'Shift', ALL], ['keyup', 'Shift', { ...ALL, shiftKey: false }]),
    0,
  );
});

test('bindWayOut leaves Ctrl-Alt-Shift with another key to the console', () => {
  assert.equal(
    leavesAfter(
      ['keydown', 'Shift', ALL],
      ['keydown', 'F1', ALL],
      ['keyup', 'F1', ALL],
      ['keyup', 'Control', NONE],
    ),
    0,
  );
});
