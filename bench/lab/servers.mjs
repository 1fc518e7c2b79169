// The servers of the laboratory; lab.mjs starts them inside its namespaces.
//   node servers.mjs web PORT DIST          the two pages, our build, the reference's script
//   node servers.mjs broker PORT
import {createRequire} from 'node:module';
import {readFile} from 'node:fs/promises';
import http from 'node:http';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

const [what, port, dist] = process.argv.slice(2);

async function serve() {
  const page = (name) => fileURLToPath(new URL(`pages/${name}`, import.meta.url));
  const files = {
    '/ours.html': page('ours.html'),
    '/peerjs.html': page('peerjs.html'),
    '/dist/rtc-elements.js': join(dist, 'rtc-elements.js'),
    '/peerjs.min.js': createRequire(import.meta.url).resolve('peerjs/dist/peerjs.min.js'),
  };
  http
    .createServer(async (request, response) => {
      const file = files[new URL(request.url, 'http://lab').pathname];
      const type = file?.endsWith('.js') ? 'text/javascript' : 'text/html';
      response.writeHead(file ? 200 : 404, {'content-type': type, 'cache-control': 'no-store'});
      response.end(file && (await readFile(file)));
    })
    .listen(port);
}

if (what === 'web') {
  await serve();
} else {
  const {PeerServer} = await import('peer');
  PeerServer({port: Number(port), path: '/', allow_discovery: true});
}
