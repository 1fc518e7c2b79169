// A small static server: the demo pages at /, the build at /dist/, jQuery at /vendor/.
import {readFile} from 'node:fs/promises';
import http from 'node:http';
import {extname, join, normalize, sep} from 'node:path';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What is served: the first prefix that fits, so that nothing else of the project is reachable. */
const places = [
  ['/dist/', join(root, 'dist', sep)],
  ['/vendor/jquery1.js', join(root, 'node_modules/jquery1/dist/jquery.js')],
  ['/vendor/jquery3.js', join(root, 'node_modules/jquery3/dist/jquery.js')],
  ['/vendor/jquery4.js', join(root, 'node_modules/jquery4/dist/jquery.js')],
  ['/', join(root, 'demo', sep)],
];

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.mjs': 'text/javascript; charset=utf-8',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webm': 'video/webm',
};

/** The file behind a path, or `undefined` when it would lead out of what is served. */
function fileOf(pathname) {
  const [prefix, target] = places.find(([start]) => pathname.startsWith(start));
  const file = normalize(join(target, pathname.slice(prefix.length)));
  const inside = target.endsWith(sep) ? file.startsWith(target) : file === target;
  return inside && !file.includes('\0') ? file : undefined;
}

/** The broker as the browser that asked can reach it: on the same host, with its own port. */
function brokerUrl(request, port) {
  const {hostname} = new URL(`http://${request.headers.host ?? 'localhost'}`);
  return `http://${hostname}:${port}/`;
}

/**
 * Starts the server. `{{broker}}` in a demo page becomes the URL of the broker at `brokerPort`;
 * /broker.json tells it too. `pages` may hold further pages: path -> {body, headers}.
 * Rejects with `code: 'EADDRINUSE'` when the port is taken.
 */
export async function startWebServer({
  port = 0,
  host = '127.0.0.1',
  brokerPort,
  pages = new Map(),
} = {}) {
  async function answer(request, response) {
    let pathname = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const broker = brokerUrl(request, brokerPort);
    const send = (body, headers) =>
      response.writeHead(200, {'cache-control': 'no-cache', ...headers}).end(body);

    const page = pages.get(pathname);
    if (page) {
      return send(page.body, {'content-type': types['.html'], ...page.headers});
    }
    if (pathname === '/broker.json') {
      return send(JSON.stringify({broker}), {'content-type': types['.json']});
    }
    if (pathname.endsWith('/')) {
      pathname += 'index.html';
    }
    const body = await readFile(fileOf(pathname));
    const type = types[extname(pathname)] ?? 'application/octet-stream';
    return send(
      extname(pathname) === '.html' ? String(body).replaceAll('{{broker}}', broker) : body,
      {'content-type': type},
    );
  }

  const server = http.createServer((request, response) => {
    // Bad escapes, bad hosts and files that are not there are all the same to the one who asks.
    answer(request, response).catch(() => {
      response.writeHead(404, {'content-type': 'text/plain'}).end('Not found');
    });
  });
  await new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: server.address().port,
    stop: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
