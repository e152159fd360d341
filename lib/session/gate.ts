import { asConsoleError, ConsoleError } from '../errors.ts';
import type { Intake } from '../relay/intake.ts';
import { BANNER_LENGTH, isBanner } from '../rfb/banner.ts';
import type { Line } from '../target/dial.ts';

/**
 * Waits until the server has said who it is, so that no byte of a browser reaches anything but a VNC
 * server. Calls `done` once: with all bytes read by then, or with why the gate stays shut. Reading
 * stops at that point if `done` returns false.
 */
export function awaitBanner(
  { stream, intake }: Line<Intake>,
  timeout: number,
  done: (greeting: Buffer | ConsoleError) => boolean,
): void {
  let read: Buffer = Buffer.alloc(0);
  const timer = setTimeout(() => {
    finish(new ConsoleError('TIMEOUT', `no RFB banner within ${timeout} ms`));
  }, timeout);
  if (intake) intake.onBytes = (length) => onBytes(intake.bytes(length));
  else stream.on('data', onBytes);
  if (stream.destroyed || stream.readableEnded) {
    onEnd();
    return;
  }
  stream.on('end', onEnd);
  stream.on('error', onError);
  stream.on('close', onEnd);
  // A stream of the host's may come paused, and would stay so although somebody listens.
  if (!intake) stream.resume();

  function onBytes(bytes: Buffer): boolean {
    if (!Buffer.isBuffer(bytes)) {
      return finish(new ConsoleError('NOT_VNC', 'the stream gave something else than bytes'));
    }
    read = Buffer.concat([read, bytes]);
    if (!isBanner(read)) return finish(new ConsoleError('NOT_VNC', describe(read)));
    return read.length < BANNER_LENGTH || finish(read);
  }

  function onEnd(): void {
    finish(new ConsoleError('SERVER_LOST', 'the server closed before it said an RFB banner'));
  }

  function onError(error: Error): void {
    finish(asConsoleError(error, 'SERVER_LOST'));
  }

  function finish(outcome: Buffer | ConsoleError): boolean {
    clearTimeout(timer);
    stream.off('data', onBytes);
    stream.off('end', onEnd);
    stream.off('error', onError);
    stream.off('close', onEnd);
    if (!intake) stream.pause();
    return done(outcome);
  }
}

function describe(bytes: Buffer): string {
  return `the server's first words are ${JSON.stringify(bytes.toString('latin1', 0, 32))}`;
}
