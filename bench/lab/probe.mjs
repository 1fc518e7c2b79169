/**
 * Runs in a page before its own scripts. Every 100 ms it notes what came of each person: frames
 * decoded and shown, and sound that is not made up; and at once every change of a connection.
 * It asks nothing of the page but `lab.people`: whom it shows, and with which stream. The page may
 * add what its own code got to know with `lab.event()`.
 */
export function probe() {
  const report = window.labReport;
  if (!report || window !== window.top) {
    return;
  }
  const send = (what) => report(JSON.stringify(what));
  const event = (text) => send({events: [[Date.now(), String(text)]]});
  window.lab = {event, people: () => []};
  for (const name of ['online', 'offline', 'pagehide']) {
    addEventListener(name, () => event(`browser ${name}`));
  }

  window.WebSocket = class WebSocket extends window.WebSocket {
    constructor(...args) {
      super(...args);
      for (const name of ['open', 'close']) {
        this.addEventListener(name, () => event(`socket ${name}`));
      }
    }
  };

  const connections = new Map();
  let count = 0;
  window.RTCPeerConnection = class RTCPeerConnection extends window.RTCPeerConnection {
    constructor(...args) {
      super(...args);
      const name = `pc${++count}`;
      connections.set(this, {name, counters: new Map(), pair: ''});
      this.addEventListener('connectionstatechange', () => {
        event(`${name} ${this.connectionState}`);
      });
    }
    close() {
      const about = connections.get(this);
      if (about) {
        connections.delete(this);
        event(`${about.name} closed by the page`);
      }
      super.close();
    }
  };

  const shown = new Map(); // track id -> frames since the last sample
  const videos = new WeakSet();
  const srcObject = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject');
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
    ...srcObject,
    set(stream) {
      srcObject.set.call(this, stream);
      if (!videos.has(this) && this.requestVideoFrameCallback) {
        videos.add(this);
        const frame = () => {
          const [track] = this.srcObject?.getVideoTracks?.() ?? [];
          if (this.isConnected && track) {
            shown.set(track.id, (shown.get(track.id) ?? 0) + 1);
          }
          this.requestVideoFrameCallback(frame);
        };
        this.requestVideoFrameCallback(frame);
      }
    },
  });

  const kinds = {
    video: {decoded: (r) => r.framesDecoded, bytes: (r) => r.bytesReceived},
    audio: {sound: (r) => (r.totalSamplesReceived - r.concealedSamples) / 48},
  };
  let last;
  async function sample() {
    const people = {};
    const owner = new Map(); // track id -> person
    for (const [name, stream] of window.lab.people()) {
      people[name] = {decoded: 0, shown: 0, bytes: 0, sound: 0};
      for (const {id} of stream?.getTracks() ?? []) {
        owner.set(id, people[name]);
        people[name].shown += shown.get(id) ?? 0;
      }
    }
    shown.clear();
    for (const [pc, about] of connections) {
      const stats = await pc.getStats();
      for (const entry of stats.values()) {
        if (entry.type === 'inbound-rtp') {
          for (const [figure, read] of Object.entries(kinds[entry.kind])) {
            const key = entry.id + figure;
            const now = read(entry) || 0;
            const step = Math.max(0, now - (about.counters.get(key) ?? 0));
            about.counters.set(key, now);
            const person = owner.get(entry.trackIdentifier);
            if (person) {
              person[figure] += step;
            }
          }
        }
        if (entry.type === 'transport' && entry.selectedCandidatePairId) {
          const {localCandidateId, remoteCandidateId} = stats.get(entry.selectedCandidatePairId);
          const local = stats.get(localCandidateId);
          const kind = `${local.candidateType}/${local.relayProtocol ?? local.protocol}`;
          const pair = `${kind} to ${stats.get(remoteCandidateId).candidateType}`;
          if (pair !== about.pair) {
            about.pair = pair;
            event(`${about.name} pair ${pair}`);
          }
        }
      }
    }
    // Time in which the page itself stood still says nothing about the network.
    const t = Date.now();
    const late = Math.max(0, t - (last ?? t) - 150 - pause());
    last = t;
    return {t, late, people};
  }

  let samples = [];
  const flush = () => {
    if (samples.length) {
      send({samples});
      samples = [];
    }
  };
  addEventListener('pagehide', flush);
  setInterval(flush, 500);
  // Statistics cost time: with more connections they are asked for less often.
  const pause = () => 100 * Math.max(1, connections.size);
  async function watch() {
    try {
      samples.push(await sample());
    } catch (error) {
      event(`probe ${error}`); // a connection closed meanwhile
    }
    setTimeout(watch, pause() - (Date.now() % 100));
  }
  watch();
}
