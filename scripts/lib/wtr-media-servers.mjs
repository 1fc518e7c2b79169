// Media servers for the tests that run in a browser.
import {startMediaServer, whyNot} from './media-servers.mjs';

const VALUES = new Map([
  ['true', true],
  ['false', false],
]);

/** Numbers and truth values as such. Names stay what they are: there is a room `7`. */
const options = (query) =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      ['nodes', 'node', 'ttlSeconds'].includes(name) ? Number(value) : (VALUES.get(value) ?? value),
    ]),
  );

/**
 * Media servers to order: /__media/start?kind=mediamtx, then /__media/{kill,restart,stop,log}?id=… and
 * /__media/token?id=…&identity=…&room=…
 *
 * The answer has `whip` and `whep` with `{name}` for the name of a stream, or, when the server cannot be had here,
 * nothing but `unavailable`, the reason.
 */
export function mediaServers() {
  const running = new Map();
  let count = 0;

  async function begin({kind, ...given}) {
    const unavailable = whyNot(kind, given);
    if (unavailable) {
      return {unavailable};
    }
    const server = await startMediaServer(kind, given);
    const id = String(++count);
    running.set(id, server);
    const {token, url, urls, whip, whep} = server;
    return {id, kind, token, url, urls, whip: whip?.('{name}'), whep: whep?.('{name}')};
  }

  async function act(word, {id, node, ...given}) {
    const server = running.get(id);
    if (word === 'token') {
      return {token: server.tokenFor(given)};
    }
    if (word === 'stop') {
      running.delete(id);
    }
    return (await server[word](node)) ?? {};
  }

  return {
    name: 'media-servers',
    async serverStop() {
      await Promise.all([...running.values()].map((server) => server.stop()));
    },
    async serve({path, query}) {
      const [, place, word] = path.split('/');
      if (place !== '__media') {
        return undefined;
      }
      const given = options(query);
      const answer = word === 'start' ? await begin(given) : await act(word, given);
      return {body: JSON.stringify(answer), type: 'json', headers: {'cache-control': 'no-store'}};
    },
  };
}
