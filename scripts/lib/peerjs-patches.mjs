// What the build and the tests change in PeerJS, whose version is pinned: one place for both.
import {fileURLToPath} from 'node:url';

/** webrtc-adapter doubles the weight of PeerJS and patches the globals of the page. */
const ADAPTER = '/src/signaling/webrtc-adapter-lite.ts';

const isPeerJs = (path) => /\/node_modules\/peerjs\/dist\/bundler\.mjs$/.test(path);

/** Each must fit exactly once, or PeerJS is not what we know. */
const edits = [
  // PeerJS finds out what the browser can do by making an RTCPeerConnection when it is loaded. In a
  // single-file build that is when the page loads; with this it is when the first Peer is made.
  [/this\.supports = function\(\) \{/g, 'lazily(this, "supports", function() {'],
  [/\}\(\), \/\/ Ensure alphanumeric ids/g, '}), // Ensure alphanumeric ids'],
  // Its data connections answer any stranger. We refuse them, so the code can stay away as well.
  [
    /this\._serializers = \{\s+raw:[^}]+\}/g,
    (text) => text.replace(/\{[^}]+/, keepLines('{', text)),
  ],
  [/this\.pack = \S+, this\.unpack = \S+, /g, ''],
];

/** As many lines as `text` has, so that the source map stays right. */
const keepLines = (start, text) => start + text.replace(/[^\n]/g, '');

const helper = `
function lazily(object, name, make) {
  let value;
  Object.defineProperty(object, name, {get: () => (value ??= make())});
}
`;

function patch(code) {
  for (const [from, to] of edits) {
    if (code.match(from)?.length !== 1) {
      throw new Error(`PeerJS has changed: ${from} does not fit exactly once.`);
    }
    code = code.replace(from, to);
  }
  return code + helper;
}

export const rollupPeerJs = () => ({
  name: 'peerjs-patches',
  resolveId: (id) =>
    id === 'webrtc-adapter' ? fileURLToPath(new URL(`../..${ADAPTER}`, import.meta.url)) : null,
  transform: (code, id) =>
    isPeerJs(id.replaceAll('\\', '/')) ? {code: patch(code), map: null} : null,
});

/** The same for @web/test-runner. */
export const wtrPeerJs = () => ({
  name: 'peerjs-patches',
  resolveImport: ({source}) => (source === 'webrtc-adapter' ? ADAPTER : undefined),
  transform: ({path, body}) => (isPeerJs(path) ? patch(body) : undefined),
});
