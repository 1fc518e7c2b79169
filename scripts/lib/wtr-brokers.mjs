// Brokers for the tests that run in a browser.
import {startBroker} from './brokers.mjs';

const NUMBERS = ['port', 'delayMs', 'concurrent_limit', 'alive_timeout', 'expire_timeout'];

const options = (query) =>
  Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      NUMBERS.includes(name) ? Number(value) : value,
    ]),
  );

/**
 * A PeerServer for all tests, told at /__peer.json, and brokers to order:
 * /__broker/start?kind=…, then /__broker/{stop,drop,freeze,thaw,info}?id=…
 */
export function brokers() {
  const running = new Map();
  const start = async (given) => {
    const broker = await startBroker({allow_discovery: true, ...given});
    running.set(broker.id, broker);
    const {id, url, port, key, path, kind} = broker;
    return {id, url, host: '127.0.0.1', port, path, key, secure: false, kind};
  };
  let shared;

  return {
    name: 'brokers',
    async serverStart() {
      shared = await start();
    },
    async serverStop() {
      await Promise.all([...running.values()].map((broker) => broker.stop()));
    },
    async serve({path, query}) {
      const [, place, word] = path.split('/');
      if (path !== '/__peer.json' && place !== '__broker') {
        return undefined;
      }
      let answer = shared;
      if (word === 'start') {
        answer = await start(options(query));
      } else if (word) {
        answer = (await running.get(query.id)[word]()) ?? {};
      }
      return {
        body: JSON.stringify(answer),
        type: 'json',
        headers: {'cache-control': 'no-store', 'access-control-allow-origin': '*'},
      };
    },
  };
}
