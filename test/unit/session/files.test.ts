import {expect} from '@open-wc/testing';
import {chunkBytes, segmentBytes} from '../../../src/core/messages.js';
import type {Member} from '../../../src/networks/network.js';
import {FileChannel} from '../../../src/rtc/file-channel.js';
import {Files, type FileState, type FileTransfer} from '../../../src/session/files.js';
import {
  closePaths,
  codeOf,
  createWatcher,
  hurry,
  leaveAll,
  Path,
  randomId,
  randomRoom,
  replace,
  restoreAll,
  until,
  untilConnected,
} from '../support.js';

const hex = () => randomId().slice(0, 16);

/** One end of a data channel without a connection: what is sent arrives in order, a moment later. */
class Wire extends EventTarget {
  binaryType = 'arraybuffer';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  readyState = 'open';
  other: Wire | undefined;
  readonly sent: (string | ArrayBuffer)[] = [];
  readonly #waiting: (string | ArrayBuffer)[] = [];

  send(data: string | ArrayBuffer) {
    this.sent.push(data);
    this.#waiting.push(data);
    const {other} = this;
    setTimeout(() => {
      // Timers may overtake each other.
      const next = this.#waiting.shift();
      if (other?.readyState === 'open') {
        other.dispatchEvent(new MessageEvent('message', {data: next}));
      }
    });
  }

  cut() {
    for (const end of [this, this.other]) {
      if (end) {
        end.readyState = 'closed';
        end.dispatchEvent(new Event('close'));
      }
    }
  }
}

describe('Files', () => {
  let complaints: unknown[];
  let all: Files[];

  beforeEach(() => {
    complaints = [];
    all = [];
  });
  afterEach(async () => {
    for (const files of all) {
      files.follow([], false);
      files.clear();
    }
    restoreAll();
    leaveAll();
    await closePaths();
  });

  const channelOver = (wire: Wire) =>
    new FileChannel(wire as unknown as RTCDataChannel, {
      changed: () => undefined,
      heard: () => undefined,
      complain: (cause) => complaints.push(cause),
    });
  const wires = () => {
    const [near, far] = [new Wire(), new Wire()];
    near.other = far;
    far.other = near;
    return [near, far] as const;
  };
  const memberOf = (id: string, wire: Wire | undefined, more: Partial<Member> = {}): Member => ({
    id,
    state: {name: id, micOff: true, cameraOff: true, screen: false},
    connection: wire ? 'connected' : 'reconnecting',
    away: false,
    stream: new MediaStream(),
    screen: new MediaStream(),
    files: wire && channelOver(wire),
    ...more,
  });
  const create = () => {
    const files = new Files();
    all.push(files);
    return files;
  };
  /** Two people over one wire. */
  const join = (near: Files, far: Files) => {
    const [a, b] = wires();
    near.follow([memberOf('far', a)], true);
    far.follow([memberOf('near', b)], true);
    return [a, b] as const;
  };
  const randomFile = (size: number, name = 'a.bin', type = '') => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65_536) {
      crypto.getRandomValues(bytes.subarray(at, at + 65_536));
    }
    return new File([bytes], name, {type});
  };
  const sameBytes = async (a: Blob, b: Blob) => {
    const digests = await Promise.all(
      [a, b].map(async (blob) => crypto.subtle.digest('SHA-256', await blob.arrayBuffer())),
    );
    const [one, two] = digests.map((digest) => new Uint8Array(digest).join());
    return one === two;
  };
  const only = (files: Files): FileTransfer => {
    expect(files.transfers).to.have.length(1);
    return files.transfers[0]!;
  };
  const untilState = (files: Files, state: FileState, at = 0) =>
    until(
      () => files.transfers.find((one, n) => n === at && one.state === state),
      `${state}, not ${files.transfers[at]?.state}`,
    );

  it('sends nothing before it is asked for, then all of it, checked, several at once', async () => {
    const [near, far] = [create(), create()];
    const [a] = join(near, far);
    const sizes = [segmentBytes * 2 + 12_345, segmentBytes, 0, 7];
    const sent = sizes.map((size, n) => randomFile(size, `${n}.bin`));
    near.send(sent);
    await until(() => far.transfers.length === 4, 'the offers');
    expect(far.transfers.map(({state, size}) => [state, size])).to.deep.equal(
      sizes.map((size) => ['offered', size]),
    );
    expect(near.transfers.every(({state}) => state === 'waiting')).to.be.true;
    expect(a.sent.some((data) => typeof data !== 'string')).to.be.false;
    for (const {id} of far.transfers) {
      far.accept(id);
    }
    for (const [n, file] of sent.entries()) {
      const {blob, progress} = await untilState(far, 'done', n);
      expect(await sameBytes(blob!, file)).to.be.true;
      expect(progress).to.equal(1);
      const own = await untilState(near, 'done', n);
      expect(own.receivers).to.deep.equal({done: 1, all: 1});
    }
    expect(complaints).to.be.empty;
  });

  it('goes on over another channel where it was', async () => {
    const [near, far] = [create(), create()];
    const [a] = join(near, far);
    const file = randomFile(segmentBytes * 12);
    near.send([file]);
    far.accept((await untilState(far, 'offered')).id);
    await until(() => only(far).progress > 0.2, 'some of it');
    a.cut();
    near.follow([memberOf('far', undefined)], true);
    far.follow([memberOf('near', undefined)], true);
    expect(only(far).state).to.equal('paused');
    expect(only(near).state).to.equal('paused');
    const had = Math.floor(only(far).progress * 12);
    // One end notices sooner than the other.
    const [c, d] = wires();
    const later = memberOf('near', d);
    near.follow([memberOf('far', c)], true);
    await until(() => c.sent.length, 'the offer');
    far.follow([later], true);
    const {blob} = await untilState(far, 'done');
    expect(await sameBytes(blob!, file)).to.be.true;
    const again = c.sent.filter((data) => typeof data !== 'string').length;
    expect(again).to.be.at.most((12 - had) * (segmentBytes / chunkBytes));
    await untilState(near, 'done');
    expect(complaints).to.be.empty;
  });

  it('is declined, broken off by either side, and taken back', async () => {
    const [near, far] = [create(), create()];
    join(near, far);
    near.send(
      ['declined', 'broken off', 'taken back', 'never taken'].map((n) =>
        randomFile(segmentBytes * 60, n),
      ),
    );
    await until(() => far.transfers.length === 4, 'the offers');
    const [declined, broken, taken] = far.transfers.map(({id}) => id);
    far.cancel(declined!);
    await untilState(near, 'declined', 0);
    far.accept(broken!);
    far.accept(taken!);
    await until(() => far.transfers.filter(({progress}) => progress > 0).length === 2, 'both');
    far.cancel(broken!);
    await untilState(near, 'declined', 1);
    near.cancel(near.transfers[2]!.id);
    near.cancel(near.transfers[3]!.id);
    await until(() => far.transfers.length === 3, 'the last one gone');
    const states = far.transfers.map(({state, problem}) => `${state} ${problem}`);
    expect(states).to.deep.equal(['declined undefined', 'cancelled undefined', 'failed gone']);
    expect(near.transfers[3]?.state).to.equal('cancelled');
    expect(complaints).to.be.empty;
  });

  it('can be got after all, while it is offered, whatever is still coming of the attempt before', async () => {
    const [near, far] = [create(), create()];
    join(near, far);
    const file = randomFile(segmentBytes * 6 + 5);
    near.send([file]);
    const {id} = await untilState(far, 'offered');
    far.cancel(id);
    await untilState(near, 'declined');
    for (const part of [0, 0.1, 0.4]) {
      far.accept(id);
      await until(
        () => only(far).state === 'receiving' && only(far).progress >= part,
        'some of it',
      );
      far.cancel(id);
      expect(only(far)).to.include({state: 'cancelled', isOffered: true});
    }
    far.accept(id);
    expect(await sameBytes((await untilState(far, 'done')).blob!, file)).to.be.true;
    expect((await untilState(near, 'done')).receivers).to.deep.equal({done: 1, all: 1});
    expect(complaints).to.be.empty;
  });

  it('is offered again when somebody who had gone comes back with it', async () => {
    const [near, far] = [create(), create()];
    join(near, far);
    const file = randomFile(segmentBytes * 9);
    near.send([file]);
    const {id, at} = await untilState(far, 'offered');
    far.accept(id);
    await until(() => only(far).progress > 0, 'some of it');
    far.follow([], true);
    near.follow([], true);
    expect(only(far)).to.include({problem: 'gone', isOffered: false});
    far.accept(id);
    expect(only(far).state).to.equal('failed');
    far.markRead();
    join(near, far);
    expect((await untilState(far, 'offered')).at).to.equal(at);
    expect(far.firstUnread).to.equal(id);
    far.accept(id);
    expect(await sameBytes((await untilState(far, 'done')).blob!, file)).to.be.true;
    await untilState(near, 'done');
    near.cancel(near.transfers[0]!.id);
    await until(() => !only(far).isOffered, 'the end of the offer');
    expect(only(far).state).to.equal('done');
    expect(complaints).to.be.empty;
  });

  it('stays cancelled when that was said while the last of it was written', async () => {
    const [near, far] = [create(), create()];
    join(near, far);
    near.send([randomFile(4_321, 'a.bin'), randomFile(1, 'b.bin')]);
    await until(() => far.transfers.length === 2, 'the offers');
    const [one, other] = far.transfers.map(({id}) => id);
    const {prototype} = FileSystemFileHandle;
    const {getFile} = prototype;
    let isClosed = false;
    let go = () => undefined as void;
    replace(prototype, 'getFile', async function (this: FileSystemFileHandle) {
      const file = await getFile.call(this);
      // Others are looked at before that.
      if (file.size === 4_321) {
        isClosed = true;
        await new Promise<void>((resolve) => (go = resolve));
      }
      return file;
    });
    far.accept(one!);
    await until(() => isClosed, 'the last of it');
    far.cancel(one!);
    replace(prototype, 'getFile', getFile);
    go();
    far.accept(other!);
    await untilState(far, 'done', 1);
    expect(far.transfers[0]).to.include({state: 'cancelled', blob: undefined});
    await untilState(near, 'declined', 0);
  });

  it('makes room when nobody there waits for the oldest any more', async () => {
    const [near, far] = [create(), create()];
    join(near, far);
    const many = Array.from({length: 20}, (_, n) => randomFile(1, `${n}.bin`));
    near.send(many);
    await until(() => far.transfers.length === 20, 'the offers');
    far.accept(far.transfers[0]!.id);
    far.accept(far.transfers[7]!.id);
    await untilState(near, 'done', 0);
    await untilState(near, 'done', 7);
    expect(await codeOf(() => near.send(many.slice(0, 3)))).to.equal('bad-message');
    near.send([randomFile(1, 'new.bin')]);
    expect(near.transfers[0]).to.include({state: 'done', isOffered: false});
    expect(near.transfers[7]?.isOffered).to.be.true;
    const late = create();
    const [a, b] = wires();
    near.follow([memberOf('late', a)], true);
    late.follow([memberOf('near', b)], true);
    await until(() => late.transfers.length === 20, 'the offers');
    expect(late.transfers.map(({name}) => name)).to.not.include('0.bin');
    expect(near.transfers[0]).to.deep.include({state: 'done', receivers: {done: 1, all: 1}});
  });

  it('counts what others offer until somebody has looked at it', async () => {
    const [near, far] = [create(), create()];
    join(near, far);
    near.send([randomFile(1, 'a'), randomFile(1, 'b')]);
    await until(() => far.unread === 2, 'the offers');
    expect(near.unread).to.equal(0);
    expect(far.firstUnread).to.equal(far.transfers[0]?.id);
    near.cancel(near.transfers[0]!.id);
    await until(() => far.unread === 1, 'one less');
    expect(far.firstUnread).to.equal(only(far).id);
    far.markRead();
    expect([far.unread, far.firstUnread]).to.deep.equal([0, undefined]);
  });

  it('offers what is there to those who come later, and loses what was coming from those who go', async () => {
    const [near, far] = [create(), create()];
    near.follow([], true);
    near.send([randomFile(segmentBytes * 60)]);
    expect(only(near).state).to.equal('waiting');
    join(near, far);
    far.accept((await untilState(far, 'offered')).id);
    await until(() => only(far).progress > 0, 'some of it');
    far.follow([], true);
    expect(only(far)).to.include({state: 'failed', problem: 'gone'});
    near.follow([], true);
    expect(only(near).state).to.equal('waiting');
  });

  it('takes no more than is allowed, and from nobody where it is closed', async () => {
    const [near, far] = [create(), create()];
    expect(await codeOf(() => near.send([randomFile(1)]))).to.equal('peer-unavailable');
    join(near, far);
    const many = Array.from({length: 21}, () => randomFile(1));
    expect(await codeOf(() => near.send(many))).to.equal('bad-message');
    expect(near.transfers).to.be.empty;
    far.follow([memberOf('near', undefined)], false);
    join(near, create());
    near.send([randomFile(1)]);
    expect(far.transfers).to.be.empty;
  });

  describe('with a stranger', () => {
    let files: Files;
    let wire: Wire;
    const say = (message: object | string | ArrayBuffer) => {
      const data = message instanceof ArrayBuffer || typeof message === 'string';
      wire.send(data ? message : JSON.stringify(message));
    };
    const heard = () =>
      wire.other!.sent.flatMap((data) =>
        typeof data === 'string' ? [JSON.parse(data) as {t: string; n?: number; id?: string}] : [],
      );
    const wanted = () => heard().filter(({t}) => t === 'want').length;
    const digest = '0'.repeat(64);

    beforeEach(() => {
      files = create();
      const [a, b] = wires();
      wire = a;
      files.follow([memberOf('stranger', b)], true);
    });

    const offer = async (more: object = {}) => {
      const id = hex();
      say({t: 'offers', offers: [{id, name: 'a.txt', size: segmentBytes * 9, type: '', ...more}]});
      const key = await until(
        () => files.transfers.find((one) => one.id.endsWith(id))?.id,
        'the offer',
      );
      return {id, key};
    };

    it('shows a name without path or tricks, and a type that is safe', async () => {
      await offer({name: '../../etc/\u202egpj.\u0000exe', type: 'text/html'});
      expect(only(files).name).to.equal('etc gpj. exe');
      const {key, id} = await offer({size: 1, type: 'image/svg+xml'});
      files.accept(key);
      await until(wanted, 'the request');
      const sha = async (bytes: Uint8Array<ArrayBuffer>) => {
        const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
        return {hash, text: [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')};
      };
      const one = await sha(new Uint8Array([1]));
      say({t: 'segment', id, n: 0, digest: one.text, root: (await sha(one.hash)).text});
      say(new Uint8Array([1]).buffer);
      const {blob} = await untilState(files, 'done');
      expect(blob?.type).to.equal('application/octet-stream');
    });

    it('fails what is damaged', async () => {
      const {id, key} = await offer();
      files.accept(key);
      await until(wanted, 'the request');
      say({t: 'segment', id, n: 0, digest});
      for (let at = 0; at < segmentBytes; at += chunkBytes) {
        say(new ArrayBuffer(chunkBytes));
      }
      expect((await untilState(files, 'failed')).problem).to.equal('damaged');
      expect(heard().at(-1)).to.deep.equal({t: 'no', id});
      expect(complaints).to.be.empty;
    });

    it('complains of all that was not asked for, and holds nothing of it', async () => {
      const {id} = await offer();
      const bad = [
        new ArrayBuffer(chunkBytes),
        {t: 'segment', id, n: 0, digest},
        {t: 'segment', id: hex(), n: 0, digest},
        {t: 'offers', offers: [{id: hex(), name: '', size: -1, type: ''}]},
        {
          t: 'offers',
          offers: Array.from({length: 21}, () => ({id: hex(), name: '', size: 1, type: ''})),
        },
        {t: 'other'},
        'no JSON',
      ];
      for (const [n, message] of bad.entries()) {
        say(message);
        await until(() => complaints.length === n + 1, `complaint ${n + 1}`);
      }
      const {key, id: other} = await offer();
      files.accept(key);
      await until(() => wanted() === 4, 'the requests');
      say({t: 'segment', id: other, n: 0, digest});
      say(new ArrayBuffer(chunkBytes - 1));
      await until(() => complaints.length === bad.length + 1, 'the last complaint');
      expect(files.transfers.find(({id}) => id === key)?.state).to.equal('failed');
    });

    it('answers no wish for what is not there, and none twice', async () => {
      files.send([randomFile(10)]);
      await until(
        () =>
          heard().some(({t, ...rest}) => t === 'offers' && JSON.stringify(rest).includes('a.bin')),
        'the offer',
      );
      const {id} = (heard().at(-1) as unknown as {offers: [{id: string}]}).offers[0];
      say({t: 'want', id: hex(), n: 0});
      say({t: 'want', id, n: 0});
      await until(() => heard().some(({t}) => t === 'segment'), 'the segment');
      expect(complaints).to.be.empty;
      for (const n of [0, 1]) {
        say({t: 'want', id, n});
        await until(() => complaints.length === n + 1, 'the complaint');
      }
    });

    it('sends no more of what was broken off than was asked for', async () => {
      const {id, key} = await offer({size: 1});
      for (const times of [1, 2]) {
        files.accept(key);
        await until(() => wanted() === times, 'the request');
        files.cancel(key);
      }
      files.accept(key);
      await until(() => wanted() === 3, 'the request');
      const segment = {t: 'segment', id, n: 0, digest, root: digest};
      for (let n = 0; n < 3; n++) {
        say(segment);
        say(new ArrayBuffer(1));
      }
      await untilState(files, 'failed');
      expect(complaints).to.be.empty;
      say(segment);
      await until(() => complaints.length === 1, 'the complaint');
    });

    it('is heard later with what it offers too fast, and changes nothing by saying it again', async () => {
      let now = performance.now();
      replace(performance, 'now', () => now);
      hurry({5_000: 50});
      const offers = Array.from({length: 25}, () => ({id: hex(), name: 'x', size: 1, type: ''}));
      say({t: 'offers', offers: offers.slice(0, 20)});
      await until(() => files.transfers.length === 20, 'the first');
      say({t: 'offers', offers: offers.slice(5)});
      await until(() => files.transfers.length === 15, 'the rest of them');
      now += 10_000;
      await until(() => files.transfers.length === 17, 'two more');
      now += 60_000;
      await until(() => files.transfers.length === 20, 'all of them');
      let changes = 0;
      await new Promise((resolve) => files.addEventListener('change', resolve, {once: true}));
      files.addEventListener('change', () => changes++);
      for (let n = 0; n < 30; n++) {
        say({t: 'offers', offers: offers.slice(5)});
      }
      say('no JSON');
      await until(() => complaints.length, 'the complaint');
      expect(changes).to.equal(0);
    });

    it('is not refused for what is over, of which not all is kept', async () => {
      let now = performance.now();
      replace(performance, 'now', () => now);
      for (let round = 1; round < 8; round++) {
        now += 200_000;
        const offers = Array.from({length: 20}, () => ({id: hex(), name: 'x', size: 1, type: ''}));
        say({t: 'offers', offers});
        for (const {id} of offers) {
          // Not asked for: so it fails.
          say({t: 'segment', id, n: 0, digest, root: digest});
        }
        await until(() => complaints.length === round * 20, 'the complaints');
        expect(files.transfers.filter(({isOffered}) => isOffered)).to.have.length(20);
      }
      expect(files.transfers).to.have.length(120);
    });

    it('is shown no more than so many offers', async () => {
      for (let n = 0; n < 5; n++) {
        say({
          t: 'offers',
          offers: Array.from({length: 20}, () => ({id: hex(), name: 'x', size: 1, type: ''})),
        });
      }
      say({t: 'offers', offers: [{id: hex(), name: 'x', size: 1, type: ''}]});
      await until(() => files.transfers.length === 0, 'the last list');
      expect(complaints).to.be.empty;
    });
  });

  it('survives a cut line in a call', async () => {
    const [own, path] = [await Path.open(), await Path.open()];
    const room = randomRoom();
    const near = await createWatcher({
      room,
      name: 'Mina',
      rtcConfiguration: own.configuration,
    });
    const far = await createWatcher({room, name: 'Jun', rtcConfiguration: path.configuration});
    await Promise.all([near.join(), far.join()]);
    await untilConnected(near, far);
    const file = randomFile(segmentBytes * 8, 'video.mp4', 'video/mp4');
    near.files.send([file]);
    await path.delay(20);
    far.files.accept((await untilState(far.files, 'offered')).id);
    expect(only(far.files).from.name).to.equal('Mina');
    await until(() => only(far.files).progress > 0, 'some of it', 20_000);
    await path.cut();
    await untilState(far.files, 'paused');
    await path.heal();
    await path.delay(0);
    await until(() => only(far.files).state === 'done', 'the end', 30_000);
    const {blob} = only(far.files);
    expect(await sameBytes(blob!, file)).to.be.true;
    await untilState(near.files, 'done');
  }).timeout(70_000);
});
