import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Account,
  type Surroundings,
  writeDetails,
} from '../../../public/connection/details.ts';

const ACCOUNT: Account = {
  ending: { kind: 'SERVER_LOST', code: 4500, words: 'The connection to the VNC server was lost.' },
  farewell: {
    code: 4500,
    reason: 'The connection to the VNC server was lost.',
    opened: true,
    spoken: true,
    refusal: null,
  },
  failure: 'Unexpected server message (type 77)',
  stages: [
    ['socket', 11.6],
    ['connected', 80],
  ],
  received: 12_345,
  sent: 99,
  protocol: 'RFB 3.8, security type 2',
  rects: new Map([
    [7, 3],
    [-260, 1],
    [999, 2],
  ]),
  size: { width: 800, height: 600 },
};
const WHERE: Surroundings = {
  version: '1.2.3',
  noVncVersion: '1.7.0',
  time: new Date(0),
  address: 'https://vnc.example/console/vm-42?token=s3cret#hash',
  agent: 'Mozilla/5.0',
  isOnline: true,
  tries: 2,
};

test('writeDetails tells all that one asks first', () => {
  assert.equal(
    writeDetails(ACCOUNT, WHERE),
    [
      'express-novnc 1.2.3, noVNC 1.7.0',
      'time: 1970-01-01T00:00:00.000Z',
      'page: https://vnc.example/console/vm-42',
      'end: 4500 SERVER_LOST: The connection to the VNC server was lost.',
      'close: 4500 The connection to the VNC server was lost.',
      'noVNC: Unexpected server message (type 77)',
      'stages: socket 12 ms, connected 80 ms',
      'bytes: 12345 received, 99 sent',
      'protocol: RFB 3.8, security type 2',
      'rectangles: tight 3, tightPNG 1, 999 2',
      'screen: 800 x 600',
      'network: online, 2 tries in a row',
      'browser: Mozilla/5.0',
    ].join('\n'),
  );
});

test('writeDetails leaves out what there was not, and the query of the address', () => {
  const text = writeDetails(
    {
      ...ACCOUNT,
      farewell: null,
      failure: null,
      stages: [],
      protocol: null,
      rects: null,
      size: { width: 0, height: 0 },
    },
    WHERE,
  );
  assert.doesNotMatch(text, /close:|noVNC:|protocol|rectangles|screen|s3cret|hash/);
  assert.match(text, /stages: none/);
});

test('writeDetails fills in what was said', () => {
  const ending = {
    kind: 'CREDENTIALS',
    code: 'security',
    words: 'No.',
    detail: 'It said: {reason}',
    values: { reason: 'wrong {code}' },
  } as const;
  assert.match(writeDetails({ ...ACCOUNT, ending }, WHERE), /detail: It said: wrong \{code\}/);
});
