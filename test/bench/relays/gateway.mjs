// The relay behind `attach`, with targets that have rights: gateway.mjs PORT RIGHTS
import express from 'express';
import { novnc } from '../../../dist/index.js';

const [port, rights] = process.argv.slice(2);
const app = express();
const consoles = novnc({
  resolve: (name) => ({
    host: '127.0.0.1',
    port: Number(name.split(':')[1]),
    ...JSON.parse(rights),
  }),
  limits: { sessions: 5000 },
});
app.use(consoles);
consoles.attach(app.listen(Number(port), '127.0.0.1'));
