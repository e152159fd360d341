// What the build does to noVNC: it puts off one start-up probe, makes the canvas opaque, and keeps the
// licence notices.
import { readFile } from 'node:fs/promises';

const PROBE = 'supportsWebCodecsH264Decode = await _checkWebCodecsH264DecodeSupport();';

// Some decoders never answer, and some browsers throw (noVNC issues 2034 and 2060). As the module
// waits for the answer, either would leave the page blank for ever; and even a good answer takes
// longer than all else before the first picture. Here nobody asks before that picture is there.
const LATE_PROBE = `let probe;
export const probeH264 = () => (probe ??= _checkWebCodecsH264DecodeSupport().then(
    (supported) => (supportsWebCodecsH264Decode = supported),
    () => false));`;

/** The text of noVNC's core/util/browser.js, its probe for H.264 left until it is asked for, and made once. */
export function deferProbe(source) {
  return replaceIn('core/util/browser.js', source, PROBE, LATE_PROBE, 1);
}

const CONTEXT = ".getContext('2d')";

// A remote screen has nothing to see through to. A browser that is not told so blends each picture
// with all that lies below it, which without a graphics card takes longer than to show the picture.
const OPAQUE_CONTEXT = ".getContext('2d', { alpha: false })";

/** The text of noVNC's core/display.js, whose two canvases hide what is behind them. */
export function makeOpaque(source) {
  return replaceIn('core/display.js', source, CONTEXT, OPAQUE_CONTEXT, 2);
}

function replaceIn(file, source, what, by, times) {
  const parts = source.split(what);
  if (parts.length !== times + 1) {
    throw new Error(
      `noVNC's ${file} must hold ${times} x ${what}, but holds it ${parts.length - 1} times: ` +
        'has @novnc/novnc changed?',
    );
  }
  return parts.join(by);
}

const NOVNC_NOTICE = (version) => `/*!
 * noVNC ${version}, copyright (C) the noVNC authors, licensed under the MPL 2.0
 * (https://www.mozilla.org/MPL/2.0/). Source: the npm package @novnc/novnc ${version}, or
 * https://github.com/novnc/noVNC/tree/v${version}; its core/util/browser.js and core/display.js
 * were changed as told in THIRD_PARTY_NOTICES of express-novnc.
 */
`;

const PAKO_NOTICE = `/*!
 * pako, copyright (C) 2014-2016 by Vitaly Puzrin, licensed under the MIT License; after zlib,
 * copyright (C) 1995-2013 Jean-loup Gailly and Mark Adler. See THIRD_PARTY_NOTICES.
 */
`;

/** The esbuild plugin: each file of noVNC that it names must turn up, or the build fails. */
export const novnc = {
  name: 'novnc',
  setup(build) {
    const changes = [
      [/novnc[\\/]core[\\/]util[\\/]browser\.js$/, deferProbe],
      [/novnc[\\/]core[\\/]display\.js$/, makeOpaque],
      [/novnc[\\/]core[\\/]rfb\.js$/, async (source) => NOVNC_NOTICE(await version()) + source],
      [
        /novnc[\\/]vendor[\\/]pako[\\/]lib[\\/]zlib[\\/]zstream\.js$/,
        (source) => PAKO_NOTICE + source,
      ],
    ];
    const missing = new Set(changes.map(([filter]) => filter));
    for (const [filter, change] of changes) {
      build.onLoad({ filter }, async ({ path }) => {
        missing.delete(filter);
        return { contents: await change(await readFile(path, 'utf8')) };
      });
    }
    build.onEnd(() => ({
      errors: [...missing].map((filter) => ({ text: `noVNC has no file ${filter} any more` })),
    }));
  },
};

async function version() {
  const manifest = new URL('../node_modules/@novnc/novnc/package.json', import.meta.url);
  return JSON.parse(await readFile(manifest, 'utf8')).version;
}
