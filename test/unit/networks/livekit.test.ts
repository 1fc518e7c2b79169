import {expect} from '@open-wc/testing';
import {encodeData, type PeerState} from '../../../src/core/messages.js';
import {LiveKitNetwork, parseLiveKit, type LiveKitOptions} from '../../../src/networks/livekit.js';
import type {
  Member,
  MemberJoinedEvent,
  MemberLeftEvent,
  NetworkCloseEvent,
  NetworkDataEvent,
  NetworkErrorEvent,
} from '../../../src/networks/network.js';
import {MediaServer, stopMediaServers} from '../media-servers.js';
import {
  canvasStream,
  codeOf,
  once,
  randomId,
  replace,
  restoreAll,
  until,
  untilMoving,
  watchErrors,
} from '../support.js';

const on: PeerState = {name: '', micOff: false, cameraOff: false, screen: false};

/** A network, and all that it has told. */
class Person {
  readonly data: unknown[] = [];
  readonly errors: string[] = [];
  readonly told: string[] = [];
  readonly network: LiveKitNetwork;

  constructor(
    readonly id: string,
    options: Partial<LiveKitOptions> & {url: string; token: string},
  ) {
    this.network = new LiveKitNetwork({state: on, ...options});
    const listen = this.network.addEventListener.bind(this.network);
    listen('data', (event: NetworkDataEvent) => this.data.push(event.data));
    listen('error', ({error}: NetworkErrorEvent) => {
      this.errors.push(`${error.code} ${error.detail ?? ''}`);
    });
    listen('member-joined', ({member}: MemberJoinedEvent) => this.told.push(`+${member.id}`));
    listen('member-left', ({member, reason}: MemberLeftEvent) =>
      this.told.push(`-${member.id} ${reason}`),
    );
    people.add(this);
  }

  /** How they see somebody else. */
  sees({id}: {id: string}): Member | undefined {
    return this.network.members.find((member) => member.id === id);
  }

  picture(stream: MediaStream | undefined): MediaStreamTrack | undefined {
    return stream?.getVideoTracks()[0];
  }
}

const people = new Set<Person>();
const tracks = new Set<MediaStreamTrack>();

function camera(size?: {width: number; height: number}): MediaStreamTrack {
  const [track] = canvasStream(size).getVideoTracks();
  tracks.add(track!);
  return track!;
}

const contexts: AudioContext[] = [];

/** A sound that goes on. */
function mic(): MediaStreamTrack {
  const context = new AudioContext();
  contexts.push(context);
  const destination = context.createMediaStreamDestination();
  const oscillator = context.createOscillator();
  oscillator.connect(destination);
  oscillator.start();
  const [track] = destination.stream.getAudioTracks();
  tracks.add(track!);
  return track!;
}

describe('parseLiveKit', () => {
  const token = 'secret-token';

  it('takes the addresses that LiveKit takes', () => {
    for (const scheme of ['wss', 'ws', 'https', 'http']) {
      const url = `${scheme}://media.example/path`;
      expect(parseLiveKit({url, token: ` ${token} `})).to.deep.equal({url, token});
    }
  });

  it('names what is wrong with another one', async () => {
    const wrong = [
      {url: 'media.example', token},
      {url: 'ftp://media.example', token},
      {url: 'wss://media.example', token: ' '},
      {url: 'wss://media.example', token: undefined},
      {url: 'ftp://media.example?access_token=secret-token', token},
    ];
    for (const given of wrong) {
      try {
        parseLiveKit(given);
        expect.fail(given.url);
      } catch (error) {
        expect(error).to.include({code: 'bad-attribute'});
        expect(String(error)).to.contain('livekit="').and.to.not.contain(token);
      }
    }
  });
});

describe('LiveKitNetwork', function () {
  this.timeout(60_000);
  let server: MediaServer;
  let room: string;
  let requireNoErrors: () => void;

  before(async function () {
    server = await MediaServer.start(this, 'livekit');
  });
  after(() => stopMediaServers());

  beforeEach(() => {
    room = randomId();
    requireNoErrors = watchErrors();
  });
  afterEach(async () => {
    restoreAll();
    people.forEach(({network}) => network.close());
    people.clear();
    tracks.forEach((track) => track.stop());
    tracks.clear();
    await Promise.all(contexts.splice(0).map((context) => context.close()));
    requireNoErrors();
  });

  type Options = Partial<LiveKitOptions> & {
    grants?: Partial<Parameters<MediaServer['tokenFor']>[0]>;
    at?: MediaServer;
  };

  async function create(id: string, {grants, at = server, ...options}: Options = {}) {
    const token = await at.tokenFor({identity: id, room, ...grants});
    return new Person(id, {url: at.url, token, ...options});
  }

  async function enter(id: string, options: Options = {}) {
    const person = await create(id, options);
    await person.network.open();
    return person;
  }

  const untilSeen = (person: Person, other: Person) =>
    until(
      () => person.picture(person.sees(other)?.stream),
      `${person.id} to have a picture of ${other.id}`,
      20_000,
    ).then(() => untilMoving(person.sees(other)?.stream));

  it('brings three people together, who see and hear each other', async () => {
    const ids = ['a', 'b', 'c'];
    const all = await Promise.all(
      ids.map(async (id) => {
        const person = await create(id, {grants: {name: `Name of ${id}`}});
        person.network.setTracks({mic: mic(), camera: camera()});
        await person.network.open();
        expect(person.network.isOnline).to.be.true;
        return person;
      }),
    );
    for (const person of all) {
      for (const other of all.filter((one) => one !== person)) {
        await untilSeen(person, other);
        await until(() => person.sees(other)?.stream.getAudioTracks().length, 'a sound');
        const member = person.sees(other)!;
        expect(member).to.include({connection: 'connected', away: false});
        expect(member.state).to.deep.equal({...on, name: `Name of ${other.id}`});
        expect(member.screen.getTracks()).to.be.empty;
      }
      expect(person.told).to.have.members(
        ids.filter((id) => id !== person.id).map((id) => `+${id}`),
      );
      expect(person.errors).to.be.empty;
    }
    await until(() => all[0]!.sees(all[1]!)?.speaking, 'word that b is heard');
  });
});
