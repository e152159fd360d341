import { readFileSync } from 'node:fs';
import type { Request, Response } from 'express';

/** The built page (`public/build.mjs` makes it): which file is what. */
export interface Manifest {
  readonly script: string;
  readonly style: string;
  /** The script that opens the WebSocket. */
  readonly first: string;
  readonly preload: readonly string[];
  /** The icon for a phone's home screen, in PNG. */
  readonly icon: string;
  /** The script of a page that refuses. */
  readonly refused: string;
  /** The script of the stand-alone program's first page. */
  readonly start: string;
  /** The page that lists consoles. */
  readonly wall: { readonly script: string; readonly style: string };
  /** The words of each language but English, by its tag. */
  readonly dictionaries: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

interface Asset {
  readonly type: string;
  readonly bodies: Readonly<Record<'br' | 'gzip' | 'identity', Buffer>>;
  readonly headers: Readonly<Record<string, string>>;
}

const HASHED = { 'Cache-Control': 'public, max-age=31536000, immutable' };

/** It has no hash in its name, and pages of any origin may load it: it is public, and holds nothing. */
const ELEMENT = {
  'Cache-Control': 'public, max-age=300',
  'Access-Control-Allow-Origin': '*',
  'Cross-Origin-Resource-Policy': 'cross-origin',
};

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  png: 'image/png',
};

/** Both `lib/web/` and `dist/web/` lie two below the package's root. */
const FOLDER = new URL('../../dist/public/', import.meta.url);

/** The page's files, held in memory: a request's path is a key in a table and never a file's path. */
export interface Assets {
  readonly manifest: Manifest;
  /** Answers a request for one file; false when there is no such file. */
  serve(file: string, req: Request, res: Response): boolean;
}

/** Reads the built files, each with its compressed forms. Throws when the page has not been built. */
export function loadAssets(): Assets {
  const manifest: Manifest = JSON.parse(read('manifest.json').toString());
  const table = new Map(manifest.files.map((file) => [file, loadAsset(file, HASHED)]));
  // For pages without a bundler: the file that `express-novnc/element` is.
  table.set('element.js', loadAsset('../element/vnc-console.js', ELEMENT));

  function serve(file: string, req: Request, res: Response): boolean {
    const asset = table.get(file);
    if (!asset) return false;
    const encoding = req.acceptsEncodings('br', 'gzip', 'identity') || 'identity';
    const body = asset.bodies[encoding as keyof Asset['bodies']] ?? asset.bodies.identity;
    if (body !== asset.bodies.identity) res.setHeader('Content-Encoding', encoding);
    res.setHeader('Vary', 'Accept-Encoding');
    res.setHeader('Content-Type', asset.type);
    res.setHeader('Content-Length', body.length);
    for (const [name, value] of Object.entries(asset.headers)) res.setHeader(name, value);
    res.setHeader('X-Content-Type-Options', 'nosniff');
    res.end(req.method === 'HEAD' ? undefined : body);
    return true;
  }

  return { manifest, serve };
}

function loadAsset(file: string, headers: Asset['headers']): Asset {
  const bodies = { br: read(`${file}.br`), gzip: read(`${file}.gz`), identity: read(file) };
  return {
    type: TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    bodies,
    headers,
  };
}

function read(file: string): Buffer {
  return readFileSync(new URL(file, FOLDER));
}
