import {readFileSync, rmSync} from 'node:fs';
import {basename, dirname} from 'node:path';
import {fileURLToPath} from 'node:url';
import minifyLiterals from '@lit-labs/rollup-plugin-minify-html-literals';
import resolve from '@rollup/plugin-node-resolve';
import terser from '@rollup/plugin-terser';
import esbuild from 'rollup-plugin-esbuild';
import {licenses} from './scripts/lib/licenses.mjs';
import {rollupPeerJs} from './scripts/lib/peerjs-patches.mjs';

const pkg = JSON.parse(readFileSync(new URL('./package.json', import.meta.url)));
const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const banner = `/*! ${pkg.name} ${pkg.version} | MIT | contains others: licenses.txt */`;

/** Every export with types is an entry: its declaration says which source file it comes from. */
const entries = Object.fromEntries(
  Object.values(pkg.exports)
    .filter((target) => target.types)
    .map(({types, default: file}) => [
      basename(file, '.js'),
      types.replace('./dist/types/', 'src/').replace(/\.d\.ts$/, '.ts'),
    ]),
);

/** Oldest browsers the CSS is written for; the minifier would use newer syntax without. */
const cssTargets = {chrome: 99 << 16, firefox: 102 << 16, safari: (15 << 16) | (4 << 8)};
/** `light-dark()`, which it would replace by properties that nobody sets in a shadow root. */
const keptCss = 1 << 20;

const plugins = [
  minifyLiterals({
    failOnError: true,
    options: {minifyOptions: {minifyCSS: {minify: true, targets: cssTargets, exclude: keptCss}}},
  }),
  esbuild({
    tsconfig: path('./tsconfig.json'),
    target: ['chrome99', 'firefox102', 'safari15.4'],
    sourceMap: true,
  }),
  rollupPeerJs(),
];

/**
 * The single files contain Lit in the build that can also be imported where there is no DOM. That
 * build brings a whole imitation of the DOM along; two empty shells are all it needs to load.
 */
const noDomShim = {
  name: 'no-dom-shim',
  resolveId: (id) => (id === '@lit-labs/ssr-dom-shim' ? '\0no-dom-shim' : null),
  load: (id) =>
    id === '\0no-dom-shim'
      ? 'export class HTMLElement {} export const customElements = {get() {}, define() {}};'
      : null,
};

/** A language in a file of its own. */
const isLocale = ({facadeModuleId}) =>
  !!facadeModuleId && basename(dirname(facadeModuleId)) === 'locales';

/** The single files take a language from beside them, where the module build puts it. */
const locales = {
  name: 'locales',
  resolveDynamicImport: (id, importer) =>
    importer.replaceAll('\\', '/').endsWith('src/locales/texts.ts')
      ? {id: id.replace('./', './locales/'), external: 'relative'}
      : null,
};

/** Every warning fails the build, but one: the ES5 helpers in msgpack, which is then left out anyway. */
function onLog(level, log, handler) {
  if (log.code === 'THIS_IS_UNDEFINED' && /@msgpack/.test(log.id ?? '')) {
    return;
  }
  handler(level === 'warn' ? 'error' : level, log);
}

const format = {comments: /^!/};
const minify = terser({ecma: 2020, format});
/** A page that says nothing of its encoding, or another one, reads a classic script by that. */
const minifyForAnyPage = terser({ecma: 2020, format: {...format, ascii_only: true}});
/** A page without a build takes them as they are. */
const minifyLocales = {
  name: 'minify-locales',
  renderChunk: (code, chunk, options) =>
    isLocale(chunk) ? minify.renderChunk(code, chunk, options) : null,
};
const single = {sourcemap: true, inlineDynamicImports: true, banner};

rmSync(path('./dist'), {recursive: true, force: true});

/** A script that is included twice: the first one wins. (An element may be called RtcElements, too.) */
const onlyOnce = 'if (globalThis.RtcElements?.CallSession) return globalThis.RtcElements;';

export default [
  {
    input: entries,
    external: [/^lit(\/|$)/, /^@lit\//, 'livekit-client'],
    plugins: [...plugins, resolve({browser: true, exportConditions: ['browser', 'production']})],
    onLog,
    output: {
      dir: 'dist',
      format: 'es',
      sourcemap: true,
      entryFileNames: '[name].js',
      chunkFileNames: (chunk) =>
        isLocale(chunk) ? 'locales/[name].js' : 'chunks/[name]-[hash].js',
      banner,
      plugins: [minifyLocales],
    },
  },
  {
    input: 'src/index.ts',
    // Loaded when a call goes through LiveKit, from where the page says.
    external: ['livekit-client'],
    plugins: [
      locales,
      ...plugins,
      noDomShim,
      resolve({exportConditions: ['node', 'production']}),
      licenses(),
    ],
    onLog,
    output: [
      {
        ...single,
        file: pkg.unpkg,
        format: 'iife',
        name: 'RtcElements',
        intro: onlyOnce,
        plugins: [minifyForAnyPage],
      },
      {...single, file: 'dist/rtc-elements.esm.min.js', format: 'es', plugins: [minify]},
    ],
  },
];
