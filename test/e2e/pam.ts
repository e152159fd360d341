import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, startTigerVnc, type XServer, type XServerOptions } from './x-server.ts';

const FOLDER = '/etc/pam.d';

/** Why there can be no service of PAM's here, or false. */
export const NO_PAM = process.getuid?.() === 0 ? false : `${FOLDER} is for root to write in`;

/** A way of signing in to this machine, for as long as a test takes. */
interface PamService {
  readonly name: string;
  stop(): Promise<void>;
}

/** Makes a service of PAM's that lets in one user, whom the machine itself does not know. */
async function startPam(username: string, password: string): Promise<PamService> {
  const folder = await makeFolder();
  const name = `express-novnc-${process.pid}`;
  const file = join(FOLDER, name);
  const check = join(folder, 'check');
  // PAM gives it the password, with a NUL behind it.
  const script = `#!/bin/sh\n[ "$PAM_USER $(tr -d '\\0')" = "${username} ${password}" ]\n`;
  await writeFile(check, script, { mode: 0o700 });
  const auth = `auth required pam_exec.so quiet expose_authtok ${check}`;
  await writeFile(file, `${auth}\naccount required pam_permit.so\n`);
  return {
    name,
    async stop() {
      await rm(file, { force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts a TigerVNC that has PAM say who may come in. */
export async function startTigerByPam(
  username: string,
  password: string,
  options: XServerOptions,
): Promise<XServer> {
  const pam = await startPam(username, password);
  const signIn = [...(options.signIn ?? []), '-PlainUsers', '*', '-PAMService', pam.name];
  const server = await startTigerVnc({ ...options, signIn });
  return {
    ...server,
    async stop() {
      await server.stop();
      await pam.stop();
    },
  };
}
