import type { Server as HttpServer, IncomingMessage } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import {
  type Admitted,
  admit,
  ask,
  checkAction,
  checkHost,
  checkOrigin,
  mayHandshake,
} from './admission.ts';
import { asConsoleError, type ConsoleError, messageOf } from './errors.ts';
import type { Options } from './options.ts';
import { ReadBuffers } from './relay/read-buffers.ts';
import type { SessionInfo } from './session/session-info.ts';
import { Sessions } from './session/sessions.ts';
import { settle } from './settle.ts';
import { rightsOf } from './target/target.ts';
import { runAction } from './web/actions.ts';
import { loadAssets } from './web/assets.ts';
import {
  attachTo,
  createAcceptor,
  type Door,
  doorOf,
  handleProtocols,
  handshakeFault,
  isDoorless,
  isWebSocket,
  sendJson,
  sendText,
  upgradeRequired,
} from './web/door.ts';
import { guardSockets, type SocketServer } from './web/guard.ts';
import { isEmbedded, sendPage, sendRefusal, sendWall } from './web/page.ts';
import { decodeName, isRead, type PageRoute, type Route, routeOf, targetOf } from './web/route.ts';
import { folderOf, groupsOf } from './web/wall.ts';

/** The middleware that `novnc()` makes, and what belongs to it. Mount it where consoles shall be. */
export interface Consoles extends RequestHandler {
  /**
   * Lets WebSockets for consoles into an HTTP(S) server, through the app's own middleware. Leave it
   * out on an app that express-ws serves. Returns what undoes it.
   *
   * `path` narrows it to WebSockets under one path; needed only where something else on the server
   * uses paths that end in `/proxy`.
   *
   * Throws when express-ws serves that server already.
   */
  attach(server: HttpServer | HttpsServer, options?: { path?: string }): () => void;
  /**
   * Closes the holes that express-ws leaves open on its server (`getWss()`): protocol errors on
   * sockets that nobody listens to, which end the process, and sockets that nobody takes.
   */
  guard(wss: SocketServer): void;
  /** For `expressWs(app, server, { wsOptions })`: refuses foreign pages before the handshake. */
  readonly wsOptions: {
    readonly maxPayload: number;
    readonly perMessageDeflate: false;
    readonly handleProtocols: (offered: string[] | Set<string>) => string | false;
    readonly verifyClient: (info: { req: IncomingMessage; secure: boolean }) => boolean;
  };
  /**
   * Lets no new session in and ends all with 1001. Resolves when their sockets are gone, which
   * `timeout` (milliseconds, 5000 by default) makes sure of. `server.close()` alone does not end
   * WebSockets.
   */
  close(options?: { timeout?: number }): Promise<void>;
}

/**
 * Makes VNC consoles: an Express middleware that serves a console page at `<mount>/<name>`, and the
 * relay behind it at `<mount>/proxy?target=<name>`. Each call is independent of all others.
 *
 * Throws a `TypeError` for an unknown or wrong option, with its name and value.
 */
export function novnc(options?: Options): Consoles {
  const settings = settle(options);
  const { log, limits } = settings;
  const assets = loadAssets();
  const acceptor = createAcceptor(limits.maxPayload);
  const sessions = new Sessions({ ...settings, buffers: new ReadBuffers() }, limits, {
    onOpen(session) {
      const { update: _, ...info } = session;
      log.info?.(info, 'console opened');
      notify('open', session);
    },
    onEnd(session, end) {
      const { error, toBrowser, toServer, duration } = end;
      const how = { code: error.code, detail: error.message, toBrowser, toServer, duration };
      if (error.code === 'INTERNAL') log.error({ ...session, ...how }, 'console failed');
      else log.info?.({ ...session, ...how }, 'console closed');
      notify('close', session, end);
    },
  });
  let ids = 0;

  function consoles(req: Request, res: Response, next: NextFunction): void {
    if (res.headersSent || res.writableEnded) return; // the host has answered, and went on all the same
    const route = routeOf(req.url);
    if (route !== null && takes(route, req)) serve(route, req, res).catch(next);
    else next();
  }

  /** Says if a request for a route of ours is for us: what else is done to it is left to the app. */
  function takes({ kind }: Route, req: Request): boolean {
    if (kind === 'relay') return true;
    if (isWebSocket(req)) return false;
    if (kind === 'wall') return settings.list !== undefined && isRead(req);
    if (kind === 'action') return settings.page.actions.length > 0 && req.method === 'POST';
    return kind === 'asset' || isRead(req);
  }

  async function serve(route: Route, req: Request, res: Response): Promise<void> {
    if (route.kind === 'action') await act(req, res, route.id);
    else if (!isRead(req)) {
      res.setHeader('Allow', 'GET, HEAD');
      sendText(req, 405, 'Only GET and HEAD are of use here.');
    } else if (route.kind === 'wall') await openWall(req, res);
    else if (route.kind === 'page') await openPage(req, res, route);
    else if (route.kind === 'relay') await openRelay(req);
    else if (!assets.serve(route.file, req, res)) sendText(req, 404, 'There is no such file.');
  }

  async function openPage(
    req: Request,
    res: Response,
    { segment, isFolder }: PageRoute,
  ): Promise<void> {
    try {
      checkHost(req, settings);
      const name = decodeName(segment);
      const { label, target } = await admit(req, name, settings);
      if (isFolder) {
        const query = isEmbedded(req) ? '?embed' : '';
        res.writeHead(308, { Location: `../${segment}${query}` }).end();
      } else {
        const rights = rightsOf(target);
        await sendPage(req, res, settings, assets.manifest, { name, label, rights });
      }
    } catch (thrown) {
      await refusePage(req, res, segment, thrown);
    }
  }

  async function openWall(req: Request, res: Response): Promise<void> {
    try {
      checkHost(req, settings);
      const folder = folderOf(req.originalUrl);
      if (folder !== null) {
        res.writeHead(308, { Location: folder }).end();
        return;
      }
      const listing = await ask('list', settings, () => settings.list!(req));
      sendWall(req, res, settings, assets.manifest, groupsOf(listing));
    } catch (thrown) {
      await refusePage(req, res, '', thrown);
    }
  }

  async function refusePage(
    req: Request,
    res: Response,
    name: string,
    thrown: unknown,
  ): Promise<void> {
    const error = asConsoleError(thrown);
    report(error, req, name);
    if (res.headersSent) return; // the app has answered by itself meanwhile
    await sendRefusal(req, res, settings, assets.manifest, error);
  }

  async function act(req: Request, res: Response, id: string): Promise<void> {
    let name = '';
    try {
      checkHost(req, settings);
      checkAction(req, settings);
      name = targetOf(req.url);
      const { target } = await admit(req, name, settings);
      const action = settings.page.actions.find((each) => each.id === id);
      if (!action) return sendJson(res, 404, { error: 'There is no such action.' });
      const { status, body, detail } = await runAction(
        action,
        [req, target, name],
        settings.timeouts.action,
      );
      const fields = { action: id, name: withoutUser(name), viewer: req.ip };
      if (detail === undefined) log.info?.(fields, 'action done');
      else log.error({ ...fields, detail }, 'action failed');
      sendJson(res, status, body);
    } catch (thrown) {
      const error = asConsoleError(thrown);
      report(error, req, name);
      sendJson(res, error.status, { error: error.words });
    }
  }

  async function openRelay(req: Request): Promise<void> {
    if (isDoorless(req)) {
      log.error({}, DOORLESS);
      return upgradeRequired(req, DOORLESS);
    }
    const door = doorOf(req, acceptor);
    let name = '';
    try {
      checkHost(req, settings);
      if (door) checkOrigin(req, settings);
      name = targetOf(req.url);
      const admitted = await admit(req, name, settings);
      if (door) enter(req, door, name, admitted);
      else {
        sessions.checkRoom();
        upgradeRequired(req, 'This console opens by WebSocket.');
      }
    } catch (thrown) {
      const error = asConsoleError(thrown);
      report(error, req, name);
      if (door) door.refuse(error);
      else sendText(req, error.status, error.words);
    }
  }

  /** The last step of admission, and the handshake; there is no turn between the two. */
  function enter(req: Request, door: Door, name: string, admitted: Admitted): void {
    const fault = door.isOpen ? null : handshakeFault(req);
    if (fault) {
      if (fault.status === 426) upgradeRequired(req, fault.words);
      else sendText(req, fault.status, fault.words);
      return;
    }
    const place = sessions.reserve();
    const info: SessionInfo = {
      id: `${++ids}`,
      name,
      target: admitted.address,
      viewer: req.ip ?? '',
      startedAt: new Date(),
    };
    const way = {
      target: admitted.target,
      ownPort: req.socket.localPort,
      mayDial: admitted.byPolicy ? settings.policy.mayDial : () => true,
    };
    try {
      door.accept((browser) => place.start(browser, info, way));
    } finally {
      place.release();
    }
  }

  function report(error: ConsoleError, req: Request, name: string): void {
    const fields = {
      code: error.code,
      name: withoutUser(name),
      viewer: req.ip,
      detail: error.message,
    };
    if (error.code === 'INTERNAL') log.error(fields, 'console failed');
    else log.info?.(fields, 'console refused');
    notify('refuse', error, req);
  }

  /** Tells a listener of the host's; what it throws, or rejects with, ends nothing. */
  function notify(name: 'open' | 'close' | 'refuse', ...what: unknown[]): void {
    const listener = settings.on[name] as ((...what: unknown[]) => unknown) | undefined;
    if (!listener) return;
    const onFault = (error: unknown) => log.error({ detail: messageOf(error) }, `on.${name} threw`);
    try {
      Promise.resolve(listener(...what)).catch(onFault);
    } catch (error) {
      onFault(error);
    }
  }

  return Object.assign(consoles, {
    attach: (server: HttpServer | HttpsServer, { path }: { path?: string } = {}) =>
      attachTo(server, path, log),
    guard: guardSockets,
    wsOptions: {
      maxPayload: limits.maxPayload,
      perMessageDeflate: false as const,
      handleProtocols,
      verifyClient: ({ req, secure }: { req: IncomingMessage; secure: boolean }) =>
        mayHandshake(req, secure, settings),
    },
    close: ({ timeout = 5_000 }: { timeout?: number } = {}) => sessions.close(timeout),
  });
}

/** A mistyped address may hold a password in front of an @, which is not for the log. */
function withoutUser(name: string): string {
  return name.replace(/^.*(@|%40)/s, '***@');
}

const DOORLESS =
  'No way in for WebSockets is set up: call consoles.attach(server), or serve the app with express-ws.';
