import { createServer } from 'node:http';
import express from 'express';
import { novnc } from '../../../lib/index.ts';

const consoles = novnc({
  allow: ['127.0.0.0/8:1-65535'],
  logger: { info() {}, warn() {}, error() {} },
});
const server = createServer(express().use('/console', consoles));
consoles.attach(server);
server.listen(0, '127.0.0.1');
