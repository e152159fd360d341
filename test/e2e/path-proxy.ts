import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

/** A reverse proxy that shows an app under a path of its own, which the app does not know of. */
export interface PathProxy {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Passes `<prefix>/x` on to the app at `port` as `/x`, WebSockets too, with the Host as it came. */
export async function startPathProxy(prefix: string, port: number): Promise<PathProxy> {
  const stripped = (req: IncomingMessage) =>
    req.url?.startsWith(`${prefix}/`) ? req.url.slice(prefix.length) : null;

  const proxy = createServer((req, res) => {
    const path = stripped(req);
    if (path === null) return res.writeHead(404).end();
    const { method, headers } = req;
    const onward = request({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    return req.pipe(onward);
  });
  proxy.on('upgrade', (req, socket, head) => {
    const path = stripped(req);
    if (path === null) return socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
    const onward = connect(port, '127.0.0.1');
    const lines = req.rawHeaders.flatMap((name, at, all) =>
      at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : [],
    );
    onward.write(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    onward.write(head);
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    return onward.pipe(socket).pipe(onward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    origin: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    async stop() {
      proxy.close();
      proxy.closeAllConnections();
      await once(proxy, 'close');
    },
  };
}
