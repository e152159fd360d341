import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type TestContext, test } from 'node:test';
import { guardSockets } from '../../lib/web/guard.ts';

class FakeSocket extends EventEmitter {
  readyState = 1;
  readonly closed: [number, string][] = [];
  close(code: number, reason: string): void {
    this.closed.push([code, reason]);
    this.readyState = 2;
  }
}

/** A guarded server, and its clock in the test's hands. */
function open(t: TestContext) {
  let now = 1_000;
  t.mock.method(performance, 'now', () => now);
  t.mock.timers.enable({ apis: ['setInterval'] });
  const wss = new EventEmitter();
  guardSockets(wss as never);
  return {
    connect(req: { wsHandled?: boolean } = {}) {
      const socket = new FakeSocket();
      wss.emit('connection', socket, req);
      return socket;
    },
    pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        now += 1_000;
        t.mock.timers.tick(1_000);
      }
    },
  };
}

test('a socket that fails harms nobody', (t) => {
  const socket = open(t).connect();
  socket.emit('error', new Error('Invalid WebSocket frame'));
});

test('a socket that nobody takes is closed after ten seconds', (t) => {
  const { connect, pass } = open(t);
  const socket = connect();
  pass(9);
  assert.deepEqual(socket.closed, []);
  pass(2);
  assert.deepEqual(socket.closed, [[1008, 'Nobody took this WebSocket.']]);
  pass(20);
  assert.equal(socket.closed.length, 1);
});

test('a socket that is taken, at once or later, is left alone', (t) => {
  const { connect, pass } = open(t);
  const req = {} as { wsHandled?: boolean };
  const sockets = [connect({ wsHandled: true }), connect(req)];
  pass(5);
  req.wsHandled = true;
  pass(20);
  for (const socket of sockets) assert.deepEqual(socket.closed, []);
});

test('a socket that has left is forgotten', (t) => {
  const { connect, pass } = open(t);
  const socket = connect();
  socket.readyState = 3;
  pass(20);
  assert.deepEqual(socket.closed, []);
});

test('the clock stops with the last socket, and starts with the next', (t) => {
  const { connect, pass } = open(t);
  connect({ wsHandled: true });
  pass(1);
  const late = connect();
  pass(11);
  assert.equal(late.closed.length, 1);
});
