/** A public key as people compare it. */
export interface Fingerprint {
  /** What VNC servers and other viewers show: the first eight bytes of the key's SHA-1. */
  readonly signature: string;
  readonly sha256: string;
}

/** The fingerprint of a key. Throws where the browser has no `crypto.subtle`: on a page without TLS. */
export async function fingerprint(publicKey: Uint8Array<ArrayBuffer>): Promise<Fingerprint> {
  const [sha1, sha256] = await Promise.all([
    crypto.subtle.digest('SHA-1', publicKey),
    crypto.subtle.digest('SHA-256', publicKey),
  ]);
  return {
    signature: hex(sha1.slice(0, 8)).join('-'),
    sha256: hex(sha256).join(''),
  };
}

function hex(bytes: ArrayBuffer): string[] {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0'));
}
