// A network for tests that can be cut and made bad, for one person at a time, without being root.
import {once} from 'node:events';
import {Worker} from 'node:worker_threads';

/** What the worker has for closing its sockets. */
const stopMs = 5_000;

/**
 * Starts it. Somebody whose connections have the `configuration` of a path sends and gets everything by way of
 * it: their media and data, not their signaling.
 */
export function startPaths() {
  const worker = new Worker(new URL('./path-worker.mjs', import.meta.url));
  const exited = once(worker, 'exit');

  /** One order at a time, each is answered. */
  let last = Promise.resolve();
  const order = (...words) =>
    (last = last.then(async () => {
      worker.postMessage(words);
      return (await once(worker, 'message'))[0];
    }));

  return {
    /** A path of its own for one person: `{id, configuration}`. */
    async open() {
      const {id, ...server} = await order('open');
      return {id, configuration: {iceTransportPolicy: 'relay', iceServers: [server]}};
    },
    /** Nothing passes any more, and nobody is told, until `heal()`. */
    cut: (id) => order('cut', id),
    heal: (id) => order('heal', id),
    /** So many packets of a hundred get lost, in each direction. */
    loss: (id, percent) => order('loss', id, percent),
    /** Every packet takes so much longer, in each direction. */
    delay: (id, ms) => order('delay', id, ms),
    /** Another address, as from Wi-Fi to mobile: whatever was set up before leads nowhere. */
    rebind: (id) => order('rebind', id),
    close: (id) => order('close', id),
    /**
     * Resolves with its exit code. The worker closes its sockets and ends by itself: Node may abort when one is
     * ended that has some.
     */
    async stop() {
      void order('stop');
      const late = setTimeout(() => worker.terminate(), stopMs);
      const [code] = await exited;
      clearTimeout(late);
      return code;
    },
  };
}
