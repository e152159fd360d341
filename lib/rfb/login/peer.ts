/** One side of a handshake: what it says, field by field, and what is said to it. */
export interface Peer {
  /** Waits for so many bytes and reads them; rejects when the side fails or the time is up. */
  read(size: number): Promise<Buffer>;
  write(bytes: Uint8Array): void;
}

/** How a server proves in TLS who it is: by a certificate, or not at all (VeNCrypt's X509* and TLS*). */
export type TlsMode = 'x509' | 'anonymous';

/** The VNC server's side, which may go on inside TLS. */
export interface ServerPeer extends Peer {
  /**
   * Goes on inside TLS. Rejects if that fails, and if the server has said more already: what was
   * slipped in before the encryption must not be read as if it had been inside.
   */
  startTls(mode: TlsMode): Promise<void>;
}
