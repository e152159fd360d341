// The relay on a bare express-ws app: express-ws.mjs PORT
import express from 'express';
import expressWs from 'express-ws';
import { novnc } from '../../../dist/index.js';

const consoles = novnc({ allow: ['127.0.0.1:1-65535'], limits: { sessions: 5000 } });
const { app, getWss } = expressWs(express(), undefined, { wsOptions: consoles.wsOptions });
app.use(consoles);
consoles.guard(getWss());
app.listen(Number(process.argv[2]), '127.0.0.1');
