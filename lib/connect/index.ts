/** Ready `connect` functions, for targets that are no plain TCP port. */
export type { Headers } from './address.ts';
export { type HttpConnectOptions, httpConnect } from './http-connect.ts';
export type { Connect } from './in-stages.ts';
export type { CertificateSettings } from './open-line.ts';
export { type SocksOptions, socks } from './socks.ts';
export { type SshOptions, ssh } from './ssh.ts';
export { type TlsOptions, tls } from './tls.ts';
export { type WebSocketOptions, webSocket } from './web-socket.ts';
