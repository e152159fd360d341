import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { encryptChallenge } from '../../demo/vnc-server/rfb/handshake.ts';
import { startVncServer, type VncServer } from '../../demo/vnc-server/vnc-server.ts';
import { RfbViewer } from './rfb-viewer.ts';

const BANNERS = {
  '3.3': '52 46 42 20 30 30 33 2e 30 30 33 0a',
  '3.7': '52 46 42 20 30 30 33 2e 30 30 37 0a',
  '3.8': '52 46 42 20 30 30 33 2e 30 30 38 0a',
  '3.5': '52 46 42 20 30 30 33 2e 30 30 35 0a',
  '3.889': '52 46 42 20 30 30 33 2e 38 38 39 0a',
};
const WRONG_PASSWORD = '0000000e 57726f6e672070617373776f7264';

let server: VncServer;

async function start(password?: string): Promise<RfbViewer> {
  const size = { width: 320, height: 240 };
  server = await startVncServer({ port: 0, host: '127.0.0.1', password, still: true, ...size });
  return new RfbViewer(server.port);
}

async function readHex(viewer: RfbViewer, size: number): Promise<string> {
  return (await viewer.read(size)).toString('hex');
}

afterEach(() => server?.close());

const withoutPassword = [
  { version: '3.3', offer: '00000001', choice: '', result: '' },
  { version: '3.5', offer: '00000001', choice: '', result: '' },
  { version: '3.7', offer: '0101', choice: '01', result: '' },
  { version: '3.8', offer: '0101', choice: '01', result: '00000000' },
  { version: '3.889', offer: '0101', choice: '01', result: '00000000' },
] as const;

for (const { version, offer, choice, result } of withoutPassword) {
  test(`a viewer of version ${version} comes in without a password`, async () => {
    const viewer = await start();
    assert.equal((await viewer.read(12)).toString(), 'RFB 003.008\n');
    viewer.send(BANNERS[version]);
    assert.equal(await readHex(viewer, offer.length / 2), offer);
    viewer.send(choice);
    assert.equal(await readHex(viewer, result.length / 2), result);
    viewer.send('01');
    await viewer.readServerInit();
    assert.deepEqual([viewer.name, viewer.width, viewer.height], ['Demo desktop', 320, 240]);
  });
}

const withPassword = [
  { version: '3.3', offer: '00000002', choice: '', refusal: '00000001' },
  { version: '3.7', offer: '0102', choice: '02', refusal: '00000001' },
  { version: '3.8', offer: '0102', choice: '02', refusal: `00000001${WRONG_PASSWORD}` },
] as const;

for (const { version, offer, choice, refusal } of withPassword) {
  for (const password of ['open sesame', 'wrong']) {
    test(`a viewer of version ${version} answers with the password "${password}"`, async () => {
      const viewer = await start('open sesame');
      const left = once(server, 'leave');
      await viewer.read(12);
      viewer.send(BANNERS[version]);
      assert.equal(await readHex(viewer, offer.length / 2), offer);
      viewer.send(choice);
      const challenge = await viewer.read(16);
      viewer.send(encryptChallenge(challenge, password).toString('hex'));
      if (password === 'wrong') {
        assert.equal((await viewer.readAll()).toString('hex'), refusal.replaceAll(' ', ''));
        assert.deepEqual(await left, [{ viewer: 1, reason: 'Wrong password' }]);
        return;
      }
      assert.equal(await readHex(viewer, 4), '00000000');
      viewer.send('01');
      await viewer.readServerInit();
      assert.deepEqual(server.viewers, [1]);
    });
  }
}

test('the challenge is encrypted with single DES and the bits of the key reversed', () => {
  const key = Buffer.from('133457799BBCDFF1', 'hex');
  const password = Buffer.from(key.map((byte) => Number.parseInt(reversedBits(byte), 2)));
  const block = Buffer.from('0123456789ABCDEF', 'hex');
  const encrypted = encryptChallenge(block, password.toString('latin1'));
  assert.equal(encrypted.toString('hex'), '85e813540f0ab405');
});

test('a security type that was not offered is refused with a reason', async () => {
  const viewer = await start();
  await viewer.read(12);
  viewer.send(BANNERS['3.8']);
  await viewer.read(2);
  viewer.send('10');
  const refusal = await viewer.readAll();
  assert.equal(refusal.readUInt32BE(0), 1);
  assert.equal(refusal.subarray(8).toString(), 'Security type 16 was not offered');
});

test('a viewer that does not speak RFB is hung up on', async () => {
  const viewer = await start();
  const left = once(server, 'leave');
  viewer.socket.write('GET / HTTP/1.1\r\n\r\n');
  assert.equal((await viewer.readAll()).toString(), 'RFB 003.008\n');
  assert.deepEqual(await left, [{ viewer: 1, reason: 'the viewer does not speak RFB 3' }]);
});

test('a session whose bytes drip in one by one is served', async () => {
  const viewer = await start();
  const cutText = once(server, 'cutText');
  const bytes = `${BANNERS['3.8']} 01 01
    02 00 0001 00000000
    04 01 0000 00000061
    05 01 0010 0020
    06 000000 00000002 6869
    03 00 0000 0000 0002 0001`;
  for (const byte of bytes.split(/\s+/).join('').match(/../g)!) {
    viewer.send(byte);
    await turn();
  }
  await viewer.read(12 + 2 + 4);
  await viewer.readServerInit();
  assert.deepEqual(await cutText, [{ viewer: 1, text: 'hi' }]);
  const { rectangles } = await viewer.readMessage();
  assert.deepEqual(rectangles, [{ x: 0, y: 0, width: 2, height: 1, encoding: 0 }]);
});

function reversedBits(byte: number): string {
  return [...byte.toString(2).padStart(8, '0')].reverse().join('');
}
