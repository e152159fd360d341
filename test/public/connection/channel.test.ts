import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Channel, type Farewell } from '../../../public/connection/channel.ts';

/** A WebSocket as far as a Channel uses it, in the test's hands. */
class FakeSocket {
  binaryType: BinaryType = 'blob';
  protocol = '';
  readyState = 0;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  readonly sent: Uint8Array[] = [];
  closed = false;

  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  close(): void {
    this.closed = true;
  }

  receive(data: ArrayBuffer | string): void {
    this.onmessage?.({ data } as MessageEvent);
  }

  end(code: number, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason } as CloseEvent);
  }
}

function open() {
  const socket = new FakeSocket();
  const ends: Farewell[] = [];
  const channel = new Channel(socket as unknown as WebSocket, true);
  channel.whenClosed((end) => ends.push(end));
  return { socket, channel, ends };
}

const bytes = (...values: number[]) => new Uint8Array(values).buffer;
const collect = (into: number[]) => (event: MessageEvent<ArrayBuffer>) => {
  into.push(...new Uint8Array(event.data));
};

test('Channel has every name that noVNC looks for, where noVNC looks', async () => {
  const { channel } = open();
  const websock = new URL('../../../node_modules/@novnc/novnc/core/websock.js', import.meta.url);
  const list = /const rawChannelProps = \[([^\]]+)\]/.exec(await readFile(websock, 'utf8'))?.[1];
  const names = [...(list ?? '').matchAll(/"(\w+)"/g)].map((match) => match[1]);
  const found = [
    ...Object.keys(channel),
    ...Object.getOwnPropertyNames(Object.getPrototypeOf(channel)),
  ];

  assert.ok(names.length >= 8);
  assert.deepEqual(
    names.filter((name) => !found.includes(name ?? '')),
    [],
  );
});

test('Channel keeps what comes before noVNC, and delivers it after it has set itself up', async () => {
  const { socket, channel } = open();
  const got: number[] = [];
  socket.receive(bytes(1, 2));
  socket.receive(bytes(3));

  channel.onmessage = collect(got);
  assert.deepEqual(got, [], 'not within the setter');
  await Promise.resolve();
  socket.receive(bytes(4));

  assert.deepEqual(got, [1, 2, 3, 4]);
});

test('Channel answers a server before noVNC does, and what noVNC then says is not sent again', async () => {
  const { socket, channel } = open();
  const version = new TextEncoder().encode('RFB 003.008\n');
  socket.receive(version.buffer);
  socket.receive(bytes(1, 1));
  assert.deepEqual(socket.sent, [version, Uint8Array.of(1)]);
  assert.equal(channel.traffic.sent, 13);

  const got: number[] = [];
  channel.onmessage = collect(got);
  await Promise.resolve();
  channel.send(version.slice());
  assert.equal(socket.sent.length, 2);
  channel.send(Uint8Array.of(1, 7, 8));

  assert.deepEqual(got, [...version, 1, 1]);
  assert.deepEqual(socket.sent.slice(2), [Uint8Array.of(7, 8)]);
  socket.receive(bytes(0, 0, 0, 0));
  assert.equal(socket.sent.length, 3, 'noVNC answers now');
});

test('Channel delivers the rest to whoever listens by then', async () => {
  const { socket, channel } = open();
  const got: number[] = [];
  socket.receive(bytes(1));
  socket.receive(bytes(2));

  channel.onmessage = (event) => {
    collect(got)(event);
    channel.onmessage = null;
  };
  await Promise.resolve();

  assert.deepEqual(got, [1]);
});

test('Channel lets no text through, neither before noVNC nor after', async () => {
  const { socket, channel } = open();
  const got: unknown[] = [];
  socket.receive('42');
  channel.onmessage = (event) => got.push(event.data);
  await Promise.resolve();
  socket.receive('{}');

  assert.deepEqual(got, []);
});

test('Channel closes on a flood that comes before noVNC, and delivers none of it', async () => {
  const { socket, channel } = open();
  const got: number[] = [];
  for (let index = 0; index < 3; index++) socket.receive(new ArrayBuffer(30_000));
  channel.onmessage = collect(got);
  await Promise.resolve();

  assert.equal(socket.closed, true);
  assert.deepEqual(got, []);
});

test('Channel tells the close code and reason before noVNC hears of the close', () => {
  const { socket, channel, ends } = open();
  let endsWhenNoVncHears = 0;
  channel.onclose = () => {
    endsWhenNoVncHears = ends.length;
  };
  socket.onopen?.(new Event('open'));
  socket.end(4500, 'The connection to the VNC server was lost.');

  assert.equal(endsWhenNoVncHears, 1);
  assert.deepEqual(ends, [
    {
      code: 4500,
      reason: 'The connection to the VNC server was lost.',
      opened: true,
      spoken: false,
      refusal: null,
    },
  ]);
});

test('Channel tells why a server refused and left before noVNC was there', () => {
  const { socket, ends } = open();
  const said = Buffer.from('RFB 003.003\n\0\0\0\0\0\0\0\x04full', 'latin1');
  socket.receive(said.buffer.slice(said.byteOffset, said.byteOffset + said.length));
  socket.end(1000);

  assert.equal(ends[0]?.refusal, 'full');
});

test('Channel tells a handshake that never succeeded from a connection that was lost', () => {
  const { socket, ends } = open();
  socket.end(1006);

  assert.equal(ends[0]?.opened, false);
});

test('Channel tells who asks late that it has closed, but not within the call', async () => {
  const socket = new FakeSocket();
  const channel = new Channel(socket as unknown as WebSocket, true);
  socket.end(4502, 'no such host');
  const ends: Farewell[] = [];
  channel.whenClosed((end) => ends.push(end));
  assert.equal(ends.length, 0);
  await Promise.resolve();

  assert.equal(ends[0]?.code, 4502);
});

test('Channel tells if the server ever said something', () => {
  const { socket, ends } = open();
  socket.onopen?.(new Event('open'));
  socket.receive(new ArrayBuffer(12));
  socket.end(1005);

  assert.equal(ends[0]?.spoken, true);
});

test('Channel sends and closes through the WebSocket, which it sets to binary', () => {
  const { socket, channel } = open();
  channel.send(new Uint8Array([7]));
  channel.close();

  assert.deepEqual(socket.sent, [new Uint8Array([7])]);
  assert.equal(socket.closed, true);
  assert.equal(socket.binaryType, 'arraybuffer');
  assert.equal(channel.readyState, 0);
});

test('Channel sends what noVNC answers to one message as one, and before it closes', async () => {
  const { socket, channel } = open();
  const queue = new Uint8Array(4); // which noVNC fills anew for each answer
  const answer = (...values: number[]) => {
    queue.set(values);
    channel.send(queue.subarray(0, values.length));
  };
  const sentInMidst: number[] = [];
  let then = () => {};
  channel.onmessage = () => {
    answer(248, 1);
    answer(248, 2, 3);
    sentInMidst.push(socket.sent.length);
    then();
  };
  await Promise.resolve();
  channel.send(Uint8Array.of(9));

  socket.receive(bytes(0));
  then = () => {
    throw new Error('of noVNC');
  };
  assert.throws(() => socket.receive(bytes(0)), /of noVNC/);
  then = () => channel.close();
  socket.receive(bytes(0));
  channel.send(Uint8Array.of(8));

  assert.deepEqual(sentInMidst, [1, 2, 3]);
  const both = Uint8Array.of(248, 1, 248, 2, 3);
  assert.deepEqual(socket.sent, [Uint8Array.of(9), both, both, both, Uint8Array.of(8)]);
  assert.equal(channel.traffic.sent, 17);
});

test('Channel does not gather a clipboard that noVNC answers with in pieces', async () => {
  const { socket, channel } = open();
  channel.onmessage = () => {
    for (let piece = 0; piece < 3; piece++) channel.send(new Uint8Array(10_240).fill(piece));
  };
  await Promise.resolve();
  socket.receive(bytes(0));

  assert.deepEqual(
    socket.sent.map(({ byteLength }) => byteLength),
    [10_240, 10_240, 10_240],
  );
});
