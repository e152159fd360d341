import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Browser, Frame, Page } from 'playwright-core';

// What Firefox can do by WebDriver BiDi, and Playwright has no way to ask for: by its private names.

interface Session {
  send(method: string, params: object): Promise<unknown>;
  once(event: string, listener: (params: { filepath: string }) => void): void;
}

interface Implemented {
  readonly _connection: {
    toImpl(client: Browser): { _browserSession: Session };
    toImpl(client: Frame): { _id: string };
    toImpl(client: Page): { delegate: { _session: Session } };
  };
}

/** What WebDriver calls that key. */
const ENTER = '\uE007';

/**
 * Playwright tells every new tab its colour scheme and the like. Firefox ESR does not know that
 * command yet, and keeps its own.
 */
export function forgiveMediaFeatures(browser: Browser): void {
  const { _connection } = browser as unknown as Implemented;
  const session = _connection.toImpl(browser)._browserSession;
  const send = session.send.bind(session);
  session.send = async (method, params) => {
    try {
      return await send(method, params);
    } catch (error) {
      if (method === 'emulation.setMediaFeaturesOverride') return {};
      throw error;
    }
  };
}

/** Presses the key of each character, on whatever layout has it, and in whatever frame. */
export async function pressKeys(frame: Frame, text: string): Promise<void> {
  const { _connection } = frame as unknown as Implemented;
  const keys = [...text].map((character) => (character === '\n' ? ENTER : character));
  const actions = keys.flatMap((value) => [
    { type: 'keyDown', value },
    { type: 'keyUp', value },
  ]);
  await sessionOf(frame.page()).send('input.performActions', {
    context: _connection.toImpl(frame)._id,
    actions: [{ type: 'key', id: 'keyboard', actions }],
  });
}

/** Takes a picture of a page. Playwright would add a style to it, which its policy forbids. */
export async function screenshot(page: Page): Promise<Buffer> {
  const { _connection } = page as unknown as Implemented;
  const context = _connection.toImpl(page.mainFrame())._id;
  const picture = await sessionOf(page).send('browsingContext.captureScreenshot', { context });
  return Buffer.from((picture as { data: string }).data, 'base64');
}

/** Does what makes Firefox save a file, and gives that file. Playwright overlooks those of blobs. */
export async function savedFile(
  page: Page,
  act: () => Promise<void>,
): Promise<{ name: string; bytes: Buffer }> {
  const end = new Promise<{ filepath: string }>((resolve) => {
    sessionOf(page).once('browsingContext.downloadEnd', resolve);
  });
  await act();
  const { filepath } = await end;
  return { name: basename(filepath), bytes: await readFile(filepath) };
}

function sessionOf(page: Page): Session {
  return (page as unknown as Implemented)._connection.toImpl(page).delegate._session;
}
