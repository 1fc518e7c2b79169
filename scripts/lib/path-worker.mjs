// All paths, in a thread of their own: the load of a test server must not look like a bad line.
import {createSocket} from 'node:dgram';
import {once} from 'node:events';
import {parentPort} from 'node:worker_threads';
import {Turn} from './turn.mjs';

const paths = new Map();
let count = 0;

/** The line of one person, with a TURN server of their own at its end: all they send and get passes here. */
class Path {
  id = String(++count);
  isCut = false;
  lossPercent = 0;
  delayMs = 0;
  seed = 0;
  #socket = createSocket('udp4').bind(0, '127.0.0.1');
  #user = {username: `person-${this.id}`, credential: 'secret'};
  #turn = new Turn({
    ...this.#user,
    send: (packet, {port, address}) => this.#pass(() => this.#socket.send(packet, port, address)),
  });

  async open() {
    this.#socket.on('message', (packet, client) =>
      this.#pass(() => this.#turn.receive(packet, client)),
    );
    await once(this.#socket, 'listening');
    const {port} = this.#socket.address();
    return {id: this.id, urls: `turn:127.0.0.1:${port}?transport=udp`, ...this.#user};
  }

  /** As seen from the server, the person is somebody else from now on. */
  rebind() {
    this.#turn.forget();
  }

  close() {
    this.isCut = true;
    this.#turn.forget();
    this.#socket.close();
  }

  #pass(act) {
    if (this.isCut || this.#isLost()) {
      return;
    }
    if (this.delayMs) {
      // What is on its way when the line is cut, is lost.
      setTimeout(() => this.isCut || act(), this.delayMs);
    } else {
      act();
    }
  }

  /** The same series every time. Not each n-th packet: that might hit all answers and no question. */
  #isLost() {
    this.seed = (Math.imul(this.seed, 1_664_525) + 1_013_904_223) >>> 0;
    return this.seed / 2 ** 32 < this.lossPercent / 100;
  }
}

const orders = {
  async open() {
    const path = new Path();
    paths.set(path.id, path);
    return path.open();
  },
  cut: (path) => void (path.isCut = true),
  heal: (path) => void (path.isCut = false),
  loss: (path, percent) => void Object.assign(path, {lossPercent: percent, seed: 0}),
  delay: (path, ms) => void (path.delayMs = ms),
  rebind: (path) => path.rebind(),
  close(path) {
    path.close();
    paths.delete(path.id);
  },
  stop() {
    paths.forEach((path) => path.close());
    // Nothing is left then that would keep this thread.
    parentPort.close();
  },
};

parentPort.on('message', async ([word, id, value]) => {
  const path = paths.get(id);
  // A test that took too long gives its next order when its paths are closed.
  const isPossible = path || word === 'open' || word === 'stop';
  parentPort.postMessage(isPossible ? await orders[word](path, value) : undefined);
});
