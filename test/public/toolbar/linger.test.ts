import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { Linger } from '../../../public/toolbar/linger.ts';

describe('what lingers', () => {
  let isShown: boolean | undefined;
  let linger: Linger;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    isShown = undefined;
    linger = new Linger((visible) => {
      isShown = visible;
    }, 2000);
  });
  afterEach(() => mock.timers.reset());

  it('shows at once, and goes some time after the last reason has', () => {
    linger.hold('pointer');
    assert.equal(isShown, true);
    linger.release('pointer');
    mock.timers.tick(1999);
    assert.equal(isShown, true);
    mock.timers.tick(1);
    assert.equal(isShown, false);
  });

  it('stays while another reason is left', () => {
    linger.hold('pointer');
    linger.hold('focus');
    linger.release('pointer');
    mock.timers.tick(5000);
    assert.equal(isShown, true);
  });

  it('stays when a new reason comes in time', () => {
    linger.hold('pointer');
    linger.release('pointer');
    mock.timers.tick(1500);
    linger.hold('focus');
    mock.timers.tick(5000);
    assert.equal(isShown, true);
  });

  it('has no more time when what was no reason is taken back', () => {
    linger.hold('pointer');
    linger.release('pointer');
    mock.timers.tick(1500);
    linger.release('focus');
    mock.timers.tick(500);
    assert.equal(isShown, false);
  });
});
