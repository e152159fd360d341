// A plain TCP proxy, as short as Node lets one write it: net-pipe.mjs PORT TARGET-PORT
import net from 'node:net';

const [listenPort, targetPort] = process.argv.slice(2).map(Number);

net
  .createServer({ noDelay: true }, function onConnection(near) {
    const far = net.connect({ host: '127.0.0.1', port: targetPort, noDelay: true });
    near.pipe(far);
    far.pipe(near);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ]) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  })
  .listen(listenPort, '127.0.0.1');
