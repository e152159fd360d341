import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import express from 'express';
import { novnc } from '../../lib/index.ts';

const REQUEST = [
  'POST /echo HTTP/1.1',
  'Host: a',
  'Connection: Upgrade, HTTP2-Settings, close',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABk',
  'Content-Length: 5',
  '',
  'hello',
].join('\r\n');

for (const instances of [1, 2, 3]) {
  test(`a request that only offers an upgrade is answered once, body and all, beside ${instances} attached`, async (t) => {
    const app = express();
    let requests = 0;
    app.post('/echo', async (req, res) => {
      requests++;
      res.send(`you said ${await text(req)}`);
    });
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    for (let each = 0; each < instances; each++) {
      const consoles = novnc({ allow: ['127.0.0.1'] });
      consoles.attach(server);
      t.after(() => consoles.close());
    }
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(REQUEST);
    const answer = await text(socket);
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nyou said hello$/);
    assert.equal(requests, 1);
  });
}
