// Brokers for development and tests: the real PeerServer, and some that misbehave.
import {once} from 'node:events';
import {Worker} from 'node:worker_threads';

let count = 0;

/**
 * Starts a broker. Rejects with `code: 'EADDRINUSE'` when the port is taken.
 *
 * kind: `peer` (a real PeerServer), `garbage` (says nonsense), `open-garbage` (OPEN first, then nonsense),
 * `mute` (takes the WebSocket, says nothing), `http500` (refuses the upgrade), `silent` (takes the TCP
 * connection, says nothing).
 * `delayMs` is one-way. All other options go to PeerServer: key, path, concurrent_limit, alive_timeout …
 */
export async function startBroker({
  kind = 'peer',
  port = 0,
  host = '127.0.0.1',
  key = 'peerjs',
  path = '/',
  ...options
} = {}) {
  const worker = new Worker(new URL('./broker-worker.mjs', import.meta.url), {
    workerData: {kind, port, host, key, path, ...options},
  });
  const [answer] = await once(worker, 'message');
  if (answer.error) {
    await worker.terminate();
    throw Object.assign(new Error(answer.error.message), {code: answer.error.code});
  }

  /** One order at a time, each is answered with what the broker knows: `{sockets, log}`. */
  let last = Promise.resolve();
  const order = (word) =>
    (last = last.then(async () => {
      worker.postMessage(word);
      return (await once(worker, 'message'))[0];
    }));

  const query = key === 'peerjs' ? '' : `?key=${encodeURIComponent(key)}`;
  return {
    id: String(++count),
    kind,
    port: answer.port,
    key,
    path,
    url: `http://${host}:${answer.port}${path}${query}`,
    /** Dies at once; all its connections end. */
    stop: () => worker.terminate(),
    /** Cuts every connection, and goes on. */
    drop: () => order('drop'),
    /** A pulled cable: nothing passes in or out, and nobody is told, until `thaw()`. */
    freeze: () => order('freeze'),
    thaw: () => order('thaw'),
    /** Open TCP connections and the messages that came in. */
    info: () => order('info'),
  };
}
