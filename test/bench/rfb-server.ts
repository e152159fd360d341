import type { Socket } from 'node:net';

/** What a viewer says until it is in (RFC 6143 section 7.1 and 7.3.1), in bytes. */
const VERSION = 12;
const CHOICE = 1;
const CLIENT_INIT = 1;

const NONE = Buffer.of(1, 1);
const OK = Buffer.alloc(4);

/** Lets a viewer in who has been greeted: security None, and a nameless desktop. */
export function letIn(socket: Socket, width: number, height: number, done: () => void): void {
  const steps: [wants: number, answer: Buffer][] = [
    [VERSION, NONE],
    [CHOICE, OK],
    [CLIENT_INIT, serverInit(width, height)],
  ];
  let heard = 0;
  socket.on('data', function onData({ length }: Buffer) {
    heard += length;
    while (steps.length > 0 && heard >= steps[0]![0]) {
      const [wants, answer] = steps.shift()!;
      heard -= wants;
      socket.write(answer);
    }
    if (steps.length > 0) return;
    socket.off('data', onData);
    done();
  });
  socket.resume();
}

/** ServerInit (section 7.3.2): 32 bits a pixel, true colour. */
function serverInit(width: number, height: number): Buffer {
  const message = Buffer.alloc(24);
  message.writeUInt16BE(width, 0);
  message.writeUInt16BE(height, 2);
  Buffer.from('20180001 00ff00ff00ff 100800'.replaceAll(' ', ''), 'hex').copy(message, 4);
  return message;
}

/** A FramebufferUpdate of one Raw rectangle (sections 7.6.1 and 7.7.1). */
export function rawUpdate(width: number, height: number): Buffer {
  const message = Buffer.alloc(16 + width * height * 4);
  message.writeUInt16BE(1, 2);
  message.writeUInt16BE(width, 8);
  message.writeUInt16BE(height, 10);
  return message;
}
