import {expect} from '@open-wc/testing';
import {maxSections} from '../../../src/core/messages.js';
import type {RtcError} from '../../../src/core/errors.js';
import {EndpointLink, type EndpointLinkOptions} from '../../../src/rtc/endpoint-link.js';
import {
  iceFragment,
  parseEndpoint,
  parseIceServers,
  ServerRefusal,
  withFragment,
} from '../../../src/rtc/endpoint.js';
import {
  packetsOf,
  plain,
  silenceAll,
  StreamServer,
  tone,
  toneAndPicture,
} from '../stream-server.js';
import {
  canvasStream,
  codeOf,
  ConnectionWitness,
  hurry,
  replace,
  restoreAll,
  until,
  untilMoving,
  watchErrors,
} from '../support.js';

const links: EndpointLink[] = [];
const tracks: MediaStreamTrack[] = [];
let server: StreamServer;
let witness: ConnectionWitness;
let settle: () => void;

function prepare() {
  beforeEach(() => {
    settle = watchErrors();
    server = new StreamServer();
    witness = new ConnectionWitness();
  });
  afterEach(() => {
    for (const link of links.splice(0)) {
      link.close();
    }
    for (const track of tracks.splice(0)) {
      track.stop();
    }
    server.close();
    silenceAll();
    restoreAll();
    settle();
    expect(witness.live, 'connections').to.be.empty;
  });
}

function publisher(options: Partial<EndpointLinkOptions> = {}): EndpointLink {
  return keep(
    new EndpointLink({role: 'publisher', endpoint: server.whip, configuration: {}, ...options}),
  );
}

function player(options: Partial<EndpointLinkOptions> = {}): EndpointLink {
  return keep(
    new EndpointLink({role: 'player', endpoint: server.whep, configuration: {}, ...options}),
  );
}

function keep(link: EndpointLink): EndpointLink {
  links.push(link);
  return link;
}

const picture = () => {
  const [track] = canvasStream().getVideoTracks();
  tracks.push(track!);
  return track!;
};

const open = (link: EndpointLink) => link.open({signal: new AbortController().signal});

const untilConnected = (link: EndpointLink) =>
  until(() => link.state === 'connected', 'a connection');

/** What a link is refused with. */
async function refusalOf(link: EndpointLink): Promise<RtcError> {
  try {
    await open(link);
  } catch (error) {
    return error as RtcError;
  }
  throw new Error('it was not refused');
}

describe('EndpointLink, to publish', () => {
  prepare();

  it('sends picture and sound', async () => {
    const link = publisher({tracks: {audio: tone(), video: picture()}});
    await open(link);
    await untilConnected(link);
    const [session] = server.live;
    await untilMoving(session!.stream);
    await until(() => packetsOf(session!.pc, 'audio'), 'sound');
    expect(server.asked[0]!.headers.get('content-type')).to.equal('application/sdp');
    expect(session!.offer.match(/^a=sendonly/gm)).to.have.length(2);
    expect(session!.offer).to.not.match(/^a=candidate/m);
  });

  it('switches tracks without asking the server', async () => {
    const link = publisher();
    await open(link);
    await untilConnected(link);
    const [session] = server.live;
    link.setTracks({video: picture()});
    await untilMoving(session!.stream);
    expect(session!.offer.match(/^a=sendonly/gm)).to.have.length(2);
    expect(server.askedBy('POST')).to.have.length(1);
  });

  it('ends the session before the connection', async () => {
    const link = publisher();
    await open(link);
    const {fetch} = window;
    let seen = '';
    replace(window, 'fetch', (...args: Parameters<typeof fetch>) => {
      seen = witness.all[0]!.signalingState;
      return fetch(...args);
    });
    link.close();
    link.close();
    expect(seen).to.equal('stable');
    expect(link.state).to.equal('closed');
    await until(() => !server.live.length, 'the end');
    const [asked, ...more] = server.askedBy('DELETE');
    expect(asked!.init.keepalive).to.be.true;
    expect(more).to.be.empty;
  });

  it('tells its candidates, with the tag of the session', async () => {
    const link = publisher();
    await open(link);
    await until(() => server.live[0]!.candidates, 'candidates');
    await until(
      () => server.askedBy('PATCH').some(({body}) => body.includes('a=end-of-candidates')),
      'the last',
    );
    for (const {headers, body} of server.askedBy('PATCH')) {
      expect(headers.get('if-match')).to.equal('"first"');
      expect(headers.get('content-type')).to.equal('application/trickle-ice-sdpfrag');
      expect(body).to.match(/^a=ice-ufrag:/m);
      expect(body.match(/^m=/gm)).to.have.length(1);
    }
  });

  it('tells no more candidates after a server that does not want any', async () => {
    // Each candidate for itself.
    hurry({100: 0});
    server.fault = ({method}) => (method === 'PATCH' ? plain(405, 'no') : undefined);
    const link = publisher();
    let gathered = false;
    witness.all[0]!.addEventListener('icecandidate', ({candidate}) => (gathered ||= !candidate));
    await open(link);
    await untilConnected(link);
    await until(() => gathered, 'the last candidate');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.askedBy('PATCH')).to.have.length(1);
    expect(link.state).to.equal('connected');
  });

  it('restarts ICE', async () => {
    const link = publisher({tracks: {video: picture()}});
    await open(link);
    await untilConnected(link);
    const [session] = server.live;
    const before = ufragOf(witness.all[0]!.remoteDescription);
    await link.restart();
    expect(session!.restarts).to.equal(1);
    expect(ufragOf(witness.all[0]!.remoteDescription)).to.not.equal(before);
    await untilConnected(link);
    const count = await packetsOf(session!.pc, 'video');
    await until(async () => (await packetsOf(session!.pc, 'video')) > count, 'more of the picture');
    const restart = server.askedBy('PATCH').find(({headers}) => headers.get('if-match') === '*');
    expect(restart, 'an unquoted star').to.exist;
    await until(
      () => server.askedBy('PATCH').some(({headers}) => headers.get('if-match') === '"next"'),
      'candidates with the new tag',
    );
  });

  it('restarts ICE at a server that wants the star quoted', async () => {
    for (const status of [412, 428]) {
      server.acceptsRestarts = (match) => (match === '"*"' ? 200 : status);
      const link = publisher();
      await open(link);
      await untilConnected(link);
      await link.restart();
      expect(server.live.at(-1)!.restarts).to.equal(1);
    }
  });

  it('goes on as before when a restart is refused, and can be asked again', async () => {
    server.acceptsRestarts = () => 422;
    const link = publisher({tracks: {video: picture()}});
    await open(link);
    await untilConnected(link);
    const [session] = server.live;
    expect(await codeOf(() => link.restart())).to.equal('server-rejected');
    expect(witness.all[0]!.signalingState).to.equal('stable');
    const count = await packetsOf(session!.pc, 'video');
    await until(async () => (await packetsOf(session!.pc, 'video')) > count, 'more of the picture');
    server.acceptsRestarts = () => 200;
    await link.restart();
    await untilConnected(link);
  });

  it('refuses a restart without credentials', async () => {
    const link = publisher();
    await open(link);
    await untilConnected(link);
    server.fault = ({method}) =>
      method === 'PATCH' ? new Response('m=audio 9 X 0\r\n', {status: 200}) : undefined;
    expect(await codeOf(() => link.restart())).to.equal('server-rejected');
    expect(link.state).to.equal('connected');
  });

  it('uses the ICE servers of the server when the page has none', async () => {
    server.headers = {
      Link: '<turn:turn.example?transport=udp>; rel="ice-server"; username="u"; credential="a,b;\\"c"; credential-type="password", <https://x.example/>; rel="urn:ietf:params:whip:ext:other"',
    };
    const certificate = await RTCPeerConnection.generateCertificate({
      name: 'ECDSA',
      namedCurve: 'P-256',
    } as AlgorithmIdentifier);
    await open(publisher({configuration: {certificates: [certificate], iceServers: []}}));
    const [mine] = witness.all[0]!.getConfiguration().iceServers ?? [];
    expect(mine).to.include({username: 'u', credential: 'a,b;"c'});
    expect([mine!.urls].flat()).to.deep.equal(['turn:turn.example?transport=udp']);
  });

  it('uses those of the page when it has some', async () => {
    server.headers = {Link: '<stun:stun.example>; rel="ice-server"'};
    await open(publisher({configuration: {iceServers: [{urls: 'stun:127.0.0.1:3478'}]}}));
    const urls = witness.all[0]!.getConfiguration().iceServers?.map((one) => [one.urls].flat()[0]);
    expect(urls).to.deep.equal(['stun:127.0.0.1:3478']);
  });

  it('shows its token to the own origin of the endpoint only', async () => {
    server.token = 'secret';
    await open(publisher({token: 'secret'}));
    await until(() => server.askedBy('PATCH').length, 'a candidate');
    for (const {headers} of server.asked) {
      expect(headers.get('authorization')).to.equal('Bearer secret');
    }
    server.asked.length = 0;
    server.headers = {Location: 'https://other.example/session/2'};
    const link = publisher({token: 'secret'});
    await open(link);
    await until(() => server.askedBy('PATCH').length, 'a candidate');
    link.close();
    const elsewhere = server.asked.filter(({url}) => url.startsWith('https://other.example'));
    expect(elsewhere.map(({method}) => method)).to.include.members(['PATCH', 'DELETE']);
    for (const {headers, init} of elsewhere) {
      expect(headers.get('authorization')).to.be.null;
      expect(init.credentials).to.equal('omit');
    }
  });

  it('finds its session beside where the answer came from', async () => {
    server.redirect = () => 'https://edge.example/deep/whip';
    server.headers = {Location: 'one'};
    const link = publisher();
    await open(link);
    link.close();
    expect(server.askedBy('DELETE')[0]!.url).to.equal('https://edge.example/deep/one');
  });

  it('does without a session that cannot be fetched', async () => {
    server.headers = {Location: 'javascript:alert(1)'};
    const link = publisher();
    await open(link);
    await untilConnected(link);
    expect(await codeOf(() => link.restart())).to.equal('server-rejected');
    link.close();
    expect(server.asked.map(({method}) => method)).to.deep.equal(['POST']);
  });

  it('ends a session that comes into being after it has left', async () => {
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    server.fault = ({method}) =>
      method === 'POST' ? (held.then(() => undefined) as unknown as Promise<Response>) : undefined;
    const leaving = new AbortController();
    const link = publisher();
    const opening = codeOf(() => link.open({signal: leaving.signal}));
    await until(() => server.asked.length, 'the offer');
    leaving.abort(new Error('left'));
    expect(await opening).to.equal('Error: left');
    expect(server.live).to.be.empty;
    release();
    await until(() => server.askedBy('DELETE').length, 'the end');
    await until(() => !server.live.length, 'no session');
  });

  it('gives up on a server that never answers', async () => {
    hurry({15_000: 50});
    server.fault = () => new Promise<Response>(() => undefined);
    const error = await refusalOf(publisher());
    expect(error.code).to.equal('broker-unreachable');
    expect(error.detail).to.equal('no answer');
  });

  it('gives up on an answer that never ends', async () => {
    hurry({15_000: 50});
    server.fault = ({init}) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('v=0\r\n'));
          init.signal?.addEventListener('abort', () => controller.error(new Error('aborted')));
        },
      });
      return new Response(body, {status: 201, headers: {'Content-Type': 'application/sdp'}});
    };
    expect((await refusalOf(publisher())).detail).to.equal('no answer');
  });

  it('tells a server that cannot be reached by its name', async () => {
    server.isDown = true;
    const error = await refusalOf(publisher());
    expect(error.code).to.equal('broker-unreachable');
    expect(error.detail).to.equal('media.example');
  });

  it('says in plain words why the server refuses', async () => {
    const long = 'x'.repeat(500);
    const html = {'Content-Type': 'text/html'};
    const json = {'Content-Type': 'application/problem+json; charset=utf-8'};
    for (const [response, detail] of [
      [plain(401, 'no token,\r\n\tno stream'), '401 no token, no stream'],
      [plain(403, 'your secret is wrong'), '403 your … is wrong'],
      [plain(404, '<b>bold</b>'), '404'],
      [plain(500, long), `500 ${'x'.repeat(120)}`],
      [plain(500, 'a\u202egnp.exe\u0000b'), '500 a gnp.exe b'],
      [new Response('<!doctype html>', {status: 403, headers: html}), '403'],
      [
        new Response('<!doctype html>', {status: 405, headers: html}),
        'whip: a web page (405 text/html) instead of application/sdp',
      ],
      [new Response('<p>'.repeat(40_000), {status: 502, headers: html}), '502'],
      [new Response('{"error": "busy"}', {status: 409, headers: json}), '409 busy'],
      [new Response('{"error": {}, "detail": "full"}', {status: 503, headers: json}), '503 full'],
      [new Response('{"error": 1', {status: 500, headers: json}), '500'],
      [new Response('[]', {status: 500, headers: json}), '500'],
    ] as const) {
      server.fault = () => response;
      const error = await refusalOf(publisher({token: 'secret'}));
      expect(error.code, detail).to.equal('server-rejected');
      expect(error.detail).to.equal(detail);
      expect((error.cause as ServerRefusal).status).to.equal(response.status);
    }
  });

  it('hears when it may ask again', async () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    for (const [value, least, most] of [
      ['7', 7_000, 7_000],
      [date, 25_000, 30_000],
      ['-1', undefined, undefined],
      ['soon', undefined, undefined],
    ] as const) {
      server.fault = () => plain(503, 'later', {'Retry-After': value});
      const {retryAfterMs} = (await refusalOf(publisher())).cause as ServerRefusal;
      if (least === undefined) {
        expect(retryAfterMs ?? 0, value).to.equal(0);
      } else {
        expect(retryAfterMs, value).to.be.within(least, most);
      }
    }
  });

  it('takes nothing but a session description', async () => {
    const sdp = {'Content-Type': 'application/sdp', Location: '/session/1'};
    const section = 'm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n';
    const none = '201, but no application/sdp';
    for (const [what, body, headers, detail] of [
      [
        'a page',
        '<!doctype html>',
        {'Content-Type': 'text/html; charset=utf-8', Location: '/session/1'},
        'whip: a web page (201 text/html) instead of application/sdp',
      ],
      ['a page by another name', '<!doctype html>', sdp, none],
      ['nothing', '', sdp, none],
      ['nonsense', 'v=0\r\nnonsense\r\n', sdp, 'unusable session description'],
      ['too much', `v=0\r\n${'a=x\r\n'.repeat(20_000)}`, sdp, '201, and too long'],
      ['too many sections', `v=0\r\n${section.repeat(maxSections + 1)}`, sdp, none],
    ] as const) {
      server.asked.length = 0;
      server.fault = ({method}) =>
        method === 'POST' ? new Response(body, {status: 201, headers}) : undefined;
      const error = await refusalOf(publisher());
      expect(error.code, what).to.equal('server-rejected');
      expect(error.detail, what).to.equal(detail);
      expect(error.cause, what).to.not.be.instanceOf(ServerRefusal);
      expect(server.askedBy('DELETE'), `${what}: ended`).to.have.length(1);
    }
  });

  it('does not take a counter-offer', async () => {
    server.fault = () =>
      new Response('v=0\r\n', {status: 406, headers: {'Content-Type': 'application/sdp'}});
    expect((await refusalOf(publisher())).detail).to.equal('406');
  });

  it('refuses a token that no header can hold, without quoting it', async () => {
    expect(await codeOf(() => publisher({token: 'a\nb'}))).to.equal('bad-attribute');
    try {
      publisher({token: 'top\nsecret'});
    } catch (error) {
      expect(String(error)).to.not.include('secret');
    }
  });

  it('refuses a configuration that cannot be used', async () => {
    const configuration = {iceServers: [{urls: 'nonsense'}]};
    expect(await codeOf(() => publisher({configuration}))).to.equal('bad-attribute');
  });

  it('sends music in stereo, and as many bits as it needs', async () => {
    const link = publisher({music: true, tracks: {audio: tone()}});
    await open(link);
    await untilConnected(link);
    const [pc] = witness.all;
    const fmtp = /^a=fmtp:(?=.*[ ;]stereo=1)(?=.*maxaveragebitrate=192000)/m;
    expect(server.live[0]!.offer).to.match(fmtp);
    expect(pc!.localDescription!.sdp).to.match(/^a=fmtp:.*stereo=1/m);
    expect(pc!.remoteDescription!.sdp).to.match(fmtp);
    const sender = pc!.getSenders().find(({track}) => track?.kind === 'audio');
    expect(sender!.getParameters().encodings[0]!.maxBitrate).to.equal(192_000);
    await until(() => packetsOf(server.live[0]!.pc, 'audio'), 'sound');
  });

  it('notices that the server has hung up', async () => {
    const link = publisher({tracks: {video: picture()}});
    await open(link);
    await untilConnected(link);
    server.hangUp();
    await until(() => link.state === 'lost', 'the loss');
  });
});

describe('EndpointLink, to watch', () => {
  prepare();

  it('plays picture and sound', async () => {
    server.stream = toneAndPicture();
    const link = player();
    await open(link);
    await until(() => link.track('audio'), 'the sound');
    await untilMoving(new MediaStream([await until(() => link.track('video'), 'the picture')]));
    expect(server.live[0]!.offer.match(/^a=recvonly/gm)).to.have.length(2);
    expect(server.live[0]!.offer).to.match(/^a=fmtp:.*stereo=1/m);
    expect(witness.all[0]!.localDescription!.sdp).to.match(/^a=fmtp:.*stereo=1/m);
  });

  it('has no track of what is not sent', async () => {
    server.stream = canvasStream();
    const link = player();
    await open(link);
    await until(() => link.track('video'), 'the picture');
    expect(link.track('audio')).to.be.undefined;
  });

  it('answers a counter-offer, and tells candidates only then', async () => {
    server.makesCounterOffers = true;
    server.stream = toneAndPicture();
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    server.fault = ({headers, method}) =>
      method === 'PATCH' && headers.get('content-type') === 'application/sdp'
        ? (held.then(() => undefined) as unknown as Promise<Response>)
        : undefined;
    const link = player();
    const opening = open(link);
    await until(() => witness.all[0]!.iceGatheringState === 'complete', 'all candidates');
    // Longer than candidates are collected for.
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(server.askedBy('PATCH')).to.have.length(1);
    release();
    await opening;
    await until(() => link.track('audio') && link.track('video'), 'both tracks');
    await untilMoving(new MediaStream([link.track('video')!]));
    await until(() => server.live[0]!.candidates, 'candidates');
    expect(server.askedBy('PATCH')[0]!.body).to.match(/^a=fmtp:.*stereo=1/m);
    expect(await codeOf(() => link.restart())).to.equal('server-rejected');
  });

  it('ends the session whose counter-offer cannot be answered', async () => {
    server.makesCounterOffers = true;
    server.stream = canvasStream();
    server.fault = ({method}) => (method === 'PATCH' ? plain(422, 'no') : undefined);
    expect((await refusalOf(player())).detail).to.equal('422 no');
    await until(() => !server.live.length, 'the end');
    server.fault = undefined;
    server.headers = {Location: ''};
    expect((await refusalOf(player())).code).to.equal('server-rejected');
  });

  it('restarts ICE', async () => {
    server.stream = canvasStream();
    const link = player();
    await open(link);
    await untilConnected(link);
    await link.restart();
    await untilConnected(link);
    const pc = witness.all[0]!;
    const count = await packetsOf(pc, 'video');
    await until(async () => (await packetsOf(pc, 'video')) > count, 'more of the picture');
    expect(server.live[0]!.restarts).to.equal(1);
  });
});

describe('Endpoint', () => {
  it('reads ICE servers, whatever way they are written', () => {
    expect(
      parseIceServers(
        '<stun:a.example>;rel=ice-server, <turns:b.example%3Ftransport=tcp>; rel="next ice-server"; ' +
          'username="<u>, \\"x\\""; CREDENTIAL=c',
      ),
    ).to.deep.equal([
      {urls: 'stun:a.example'},
      {urls: 'turns:b.example?transport=tcp', username: '<u>, "x"', credential: 'c'},
    ]);
  });

  it('leaves out what is no ICE server', () => {
    for (const header of [
      '',
      '<stun:a.example>',
      '<stun:a.example>; rel="next"',
      '<https://a.example>; rel="ice-server"',
      '<turn:a.example>; rel="ice-server"',
      '<turn:a.example>; rel="ice-server"; username="u"',
      '<stun:%>; rel="other"',
      'nonsense',
      '<'.repeat(100_000),
      `<stun:a>${';a="'.repeat(50_000)}`,
      `<stun:a>${' '.repeat(100_000)}`,
    ]) {
      expect(parseIceServers(header), header.slice(0, 40)).to.be.empty;
    }
    expect(parseIceServers('<stun:a.example>; rel="ice-server",'.repeat(50))).to.have.length(8);
  });

  it('writes a fragment of the first section', () => {
    const sdp = [
      'v=0',
      'a=group:BUNDLE 0 1',
      'm=audio 54321 UDP/TLS/RTP/SAVPF 111 9',
      'a=ice-ufrag:abcd',
      'a=ice-pwd:0123456789012345678901',
      'a=mid:0',
      'm=video 9 UDP/TLS/RTP/SAVPF 96',
      'a=ice-ufrag:zzzz',
      '',
    ].join('\r\n');
    expect(iceFragment(sdp, ['candidate:1'], {isComplete: true}).split('\r\n')).to.deep.equal([
      'a=group:BUNDLE 0 1',
      'a=ice-ufrag:abcd',
      'a=ice-pwd:0123456789012345678901',
      'm=audio 9 UDP/TLS/RTP/SAVPF 111 9',
      'a=mid:0',
      'a=ice-ufrag:abcd',
      'a=ice-pwd:0123456789012345678901',
      'a=candidate:1',
      'a=end-of-candidates',
      '',
    ]);
  });

  it('puts a fragment into a description, as it is', () => {
    const sdp =
      'v=0\r\na=ice-ufrag:old1\r\nm=audio 9 X 0\r\na=ice-pwd:old\r\na=candidate:old\r\na=end-of-candidates\r\nm=video 9 X 0\r\n';
    const fragment =
      "a=ice-ufrag:$&$'\r\na=ice-pwd:0123456789012345678901\r\na=candidate:new\r\n" +
      'a=candidate:x\r\n'.repeat(200);
    const result = withFragment(sdp, fragment);
    expect(result).to.include("a=ice-ufrag:$&$'\r\n");
    expect(result).to.include('a=ice-pwd:0123456789012345678901\r\na=candidate:new\r\n');
    expect(result).to.not.include('old');
    expect(result.match(/candidate/g)).to.have.length(50);
    expect(result.endsWith('m=video 9 X 0\r\n')).to.be.true;
  });

  it('takes URLs of servers only', async () => {
    expect(parseEndpoint('https://media.example/live/whip', 'whip')).to.equal(
      'https://media.example/live/whip',
    );
    expect(parseEndpoint('http://localhost:8889/x', 'whip')).to.equal('http://localhost:8889/x');
    for (const url of ['', 'media', '/whip', 'ftp://a.example', 'javascript:1', 'blob:https://a']) {
      expect(await codeOf(() => parseEndpoint(url, 'whip')), url).to.equal('bad-attribute');
    }
    try {
      parseEndpoint('https://user:topsecret@a.example/', 'whep');
      expect.fail('it was taken');
    } catch (error) {
      expect((error as RtcError).detail).to.equal('whep="https://…@a.example"');
    }
  });
});

function ufragOf(description: RTCSessionDescription | null): string | undefined {
  return /a=ice-ufrag:(\S+)/.exec(description?.sdp ?? '')?.[1];
}
