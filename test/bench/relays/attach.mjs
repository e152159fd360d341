// The relay behind `attach`, on a bare Express app: attach.mjs PORT
import express from 'express';
import { novnc } from '../../../dist/index.js';

const app = express();
const consoles = novnc({ allow: ['127.0.0.1:1-65535'], limits: { sessions: 5000 } });
app.use(consoles);
consoles.attach(app.listen(Number(process.argv[2]), '127.0.0.1'));
