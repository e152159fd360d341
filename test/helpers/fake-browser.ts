import { EventEmitter } from 'node:events';
import type { BrowserSocket } from '../../lib/relay/browser-socket.ts';
import { Inbox } from './inbox.ts';

/** A browser's WebSocket in the test's hands, with no socket under it. */
export class FakeBrowser extends EventEmitter {
  readyState = 1;
  bufferedAmount = 0;
  /** What was done to it but for `send`. */
  readonly acts: string[] = [];
  readonly inbox = new Inbox('the relay, at the browser');

  send(data: Uint8Array, _options: object, done: () => void): void {
    this.inbox.push(Buffer.from(data));
    setImmediate(done);
  }

  close(code: number): void {
    this.acts.push(`close ${code}`);
    this.readyState = 2;
  }

  terminate(): void {
    if (this.readyState === 3) return;
    this.acts.push('terminate');
    this.leave(1006);
  }

  ping(): void {
    this.acts.push('ping');
  }

  pause(): void {
    this.acts.push('pause');
  }

  resume(): void {
    this.acts.push('resume');
  }

  /** The connection is gone. */
  leave(code: number): void {
    this.readyState = 3;
    this.emit('close', code);
  }

  says(bytes: Uint8Array | string): void {
    this.emit('message', Buffer.from(bytes), true);
  }

  get asSocket(): BrowserSocket {
    return this as unknown as BrowserSocket;
  }
}
