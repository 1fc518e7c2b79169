// Media servers for tests: the real MediaMTX, LiveKit and Janus, and one that misbehaves.
import {spawn} from 'node:child_process';
import {createHmac, randomBytes} from 'node:crypto';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {connect, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {findMediaServer, whyNoMediaServer} from '../media-servers.mjs';

const HOST = '127.0.0.1';
const START_LIMIT_MS = 30_000;

/** The path of a program of scripts/media-servers.mjs. */
function pathOf(name) {
  const path = findMediaServer(name);
  if (!path) {
    throw new Error(whyNoMediaServer(name));
  }
  return path;
}

/** Runs a program whose process is killed when its standard input ends: with us, however we end. */
const LEASH = 'exec 3<&0; (cat <&3; kill -9 $$) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

/** So many free ports, no two the same. They stay a server's own, so that it can come back. */
async function freePorts(count) {
  const servers = Array.from({length: count}, () => createServer().listen(0, HOST));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** A program that can be started and killed as often as wanted. `isReady()` is asked until it is true. */
function program(path, args, {env, isReady}) {
  let child;
  const isAlive = () => child?.exitCode === null && child.signalCode === null;
  const server = {
    async start() {
      const started = spawn('sh', ['-c', LEASH, 'sh', path, ...args], {
        env: {...process.env, ...env},
        // Ctrl+C is for us.
        detached: true,
      });
      let output = '';
      const hear = (data) => (output = `${output}${data}`.slice(-4_000));
      started.stdout.on('data', hear);
      started.stderr.on('data', hear);
      // Its end of the leash may be gone before ours.
      started.stdin.on('error', () => {});
      started.on('exit', (code) => {
        if (started === child) {
          console.error(`${path} ended by itself (${code}): ${output}`);
        }
      });
      child = started;
      const end = Date.now() + START_LIMIT_MS;
      while (!(await isReady())) {
        if (!isAlive() || Date.now() > end) {
          await server.kill();
          throw new Error(`${path} does not start: ${output}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async kill() {
      const killed = child;
      if (isAlive()) {
        child = undefined;
        killed.kill('SIGKILL');
        await once(killed, 'exit');
      }
    },
  };
  return server;
}

/**
 * A server of ours. Not in a worker: those that end while packets arrive take Node.js with them, and native modules
 * do not all load twice.
 */
const nodeScript = (file, given, isReady) =>
  program(
    process.execPath,
    [fileURLToPath(new URL(file, import.meta.url)), JSON.stringify(given)],
    {isReady},
  );

const answers = async (url) => {
  try {
    await fetch(url, {signal: AbortSignal.timeout(1_000)});
    return true;
  } catch {
    return false;
  }
};

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

const folders = new Set();
const remove = (path) => rmSync(path, {recursive: true, force: true});
process.on('exit', () => folders.forEach(remove));

/** Somewhere for configuration files. Removed by `remove()`, or with us. */
function folder(files) {
  const path = mkdtempSync(join(tmpdir(), 'rtc-elements-'));
  folders.add(path);
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(path, name), text);
  }
  return {path, remove: () => remove(path)};
}

/**
 * WHIP and WHEP. Every stream, published and read with `token`; 401 without it, after two seconds of thought. The
 * one called `elsewhere` is looked for at another server, in vain, for five seconds.
 * MediaMTX takes a user and a password as `Bearer user:password`.
 */
export async function startMediaMtx() {
  const [http, udp] = await freePorts(2);
  const [user, pass] = ['test', randomBytes(12).toString('hex')];
  const off = {rtsp: false, rtmp: false, hls: false, srt: false, moq: false};
  const config = {
    ...off,
    logLevel: 'warn',
    webrtc: true,
    webrtcAddress: `${HOST}:${http}`,
    webrtcLocalUDPAddress: `${HOST}:${udp}`,
    webrtcIPsFromInterfaces: false,
    webrtcAdditionalHosts: [HOST],
    authInternalUsers: [{user, pass, permissions: [{action: 'publish'}, {action: 'read'}]}],
    paths: {
      // Looked for at a server that is not there, when somebody wants to see it.
      elsewhere: {
        source: `whep://${HOST}:1/x/whep`,
        sourceOnDemand: true,
        sourceOnDemandStartTimeout: '5s',
      },
      all_others: {},
    },
  };
  // JSON is YAML.
  const files = folder({'mediamtx.yml': JSON.stringify(config)});
  const server = program(pathOf('mediamtx'), [join(files.path, 'mediamtx.yml')], {
    isReady: () => answers(`http://${HOST}:${http}/`),
  });
  await server.start();
  const base = `http://${HOST}:${http}`;
  return {
    kind: 'mediamtx',
    token: `${user}:${pass}`,
    whip: (name) => `${base}/${name}/whip`,
    whep: (name) => `${base}/${name}/whep`,
    kill: () => server.kill(),
    restart: async () => {
      await server.kill();
      await server.start();
    },
    stop: async () => {
      await server.kill();
      files.remove();
    },
  };
}

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/**
 * LiveKit, on one node or on several that share a Redis. `kill(node)` and `restart(node)` take the number of a
 * node, and without one mean all. Its WHIP takes the room from the token.
 */
export async function startLiveKit({nodes = 1} = {}) {
  const [redisPort, ...ports] = await freePorts(1 + 3 * nodes);
  const key = 'test';
  const secret = randomBytes(32).toString('hex');

  const redis =
    nodes > 1 &&
    program(pathOf('redis'), ['--port', String(redisPort), '--bind', HOST, '--save', ''], {
      isReady: () => accepts(redisPort),
    });
  const programs = Array.from({length: nodes}, (_, node) => {
    const [port, tcp, udp] = ports.slice(3 * node);
    const config = {
      port,
      bind_addresses: [HOST],
      rtc: {
        tcp_port: tcp,
        udp_port: udp,
        use_external_ip: false,
        enable_loopback_candidate: true,
        // Otherwise browsers are told to ask servers on the internet.
        stun_servers: [`${HOST}:${udp}`],
      },
      keys: {[key]: secret},
      logging: {level: 'warn'},
      ...(redis && {redis: {address: `${HOST}:${redisPort}`}}),
    };
    return {
      port,
      ...program(pathOf('livekit'), ['--node-ip', HOST], {
        env: {LIVEKIT_CONFIG: JSON.stringify(config)},
        isReady: () => answers(`http://${HOST}:${port}/`),
      }),
    };
  });
  const some = (node) => (node === undefined ? programs : [programs[node]]);

  if (redis) {
    await redis.start();
  }
  await Promise.all(programs.map((server) => server.start()));
  const urls = programs.map(({port}) => `ws://${HOST}:${port}`);
  return {
    kind: 'livekit',
    url: urls[0],
    urls,
    whip: () => `http://${HOST}:${programs[0].port}/whip/v1`,
    /**
     * An access token; one that ended less than a minute ago is forgiven. What is not named here is a grant of
     * LiveKit: canPublish, canSubscribe …
     */
    tokenFor({identity, room, name, ttlSeconds = 600, ...grants}) {
      const now = Math.floor(Date.now() / 1_000);
      const claims = {
        iss: key,
        sub: identity,
        name,
        nbf: now - 60 + Math.min(0, ttlSeconds),
        exp: now + ttlSeconds,
        video: {roomJoin: true, room, ...grants},
      };
      const signed = `${base64url({alg: 'HS256', typ: 'JWT'})}.${base64url(claims)}`;
      return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
    },
    kill: (node) => Promise.all(some(node).map((server) => server.kill())),
    restart: (node) =>
      Promise.all(
        some(node).map(async (server) => {
          await server.kill();
          await server.start();
        }),
      ),
    stop: async () => {
      await Promise.all(programs.map((server) => server.kill()));
      await (redis && redis.kill());
    },
  };
}

/** All of Janus but what is used here. */
const JANUS_PLUGINS = [
  'audiobridge',
  'duktape',
  'echotest',
  'lua',
  'nosip',
  'recordplay',
  'sip',
  'streaming',
  'textroom',
  'videocall',
  'voicemail',
];
const JANUS_TRANSPORTS = ['http', 'mqtt', 'nanomsg', 'pfunix', 'rabbitmq'];

const libraries = (names) => names.map((name) => `libjanus_${name}.so`).join();

/**
 * Janus, with WHIP before it that wants tokens and ETags, and with WHEP that answers every offer by one of its own
 * (406). Every stream, published and watched with `token`; 401, or 403 for the audience, without it.
 */
export async function startJanus() {
  const [http, websocket] = await freePorts(2);
  const token = randomBytes(12).toString('hex');
  const files = folder({
    'janus.plugin.videoroom.jcfg': '',
    'janus.transport.websockets.jcfg': `
      general: {ws = true, ws_port = ${websocket}, ws_ip = "${HOST}"}
      admin: {admin_ws = false}`,
  });
  const config = join(files.path, 'janus.jcfg');
  writeFileSync(
    config,
    `general: {configs_folder = "${files.path}", debug_level = 3}
    plugins: {disable = "${libraries(JANUS_PLUGINS)}"}
    transports: {disable = "${libraries(JANUS_TRANSPORTS)}"}
    events: {broadcast = false}`,
  );
  const janus = program(pathOf('janus'), ['-F', files.path, '-C', config], {
    isReady: () => accepts(websocket),
  });
  const gateway = nodeScript(
    'janus-gateway.mjs',
    {host: HOST, port: http, janus: `ws://${HOST}:${websocket}`, token},
    () => accepts(http),
  );

  const server = {
    kind: 'janus',
    token,
    whip: (name) => `http://${HOST}:${http}/whip/${name}`,
    whep: (name) => `http://${HOST}:${http}/whep/endpoint/${name}`,
    kill: async () => {
      await Promise.all([gateway.kill(), janus.kill()]);
    },
    restart: async () => {
      await server.kill();
      await janus.start();
      await gateway.start();
    },
    stop: async () => {
      await server.kill();
      files.remove();
    },
  };
  await server.restart();
  return server;
}

/**
 * A server that goes wrong as the query of an endpoint says; without one it carries streams from who publishes them
 * to who watches them. A session keeps the query of its endpoint.
 *
 * `post`, `patch`, `delete`: a status, or `silence` for no answer ever; `retry-after` goes with those of 400 and more.
 * `redirect=same|other`: to this origin or another, with 307 or what `by` says. `times`: so often, and then it works.
 * `location=relative|other|none`, `link` (a value of that header, and another …), `type` and `body` of an answer to
 * POST that is not an error. `etag=none`, `hidden` (from CORS), `strict` (428, 412; a restart needs `*`), `quoted`
 * (needs `"*"`). `cors=none`.
 */
export async function startFaultyServer() {
  const ports = await freePorts(2);
  const [base, other] = ports.map((port) => `http://${HOST}:${port}`);
  const script = nodeScript('faulty-server.mjs', {host: HOST, ports}, () =>
    Promise.all(ports.map(accepts)).then((all) => all.every(Boolean)),
  );
  await script.start();
  return {
    kind: 'faulty',
    token: 'any',
    /** Its other origin. */
    url: other,
    whip: (name) => `${base}/whip/${name}`,
    whep: (name) => `${base}/whep/${name}`,
    /** All requests since it was started: `{method, url, headers, body, status}`, with status 0 until answered. */
    log: async () => (await fetch(`${base}/log`)).json(),
    kill: () => script.kill(),
    restart: async () => {
      await script.kill();
      await script.start();
    },
    stop: () => script.kill(),
  };
}

/** What a server needs that may be missing here. */
const needs = {
  mediamtx: () => ['mediamtx'],
  livekit: ({nodes = 1}) => (nodes > 1 ? ['livekit', 'redis'] : ['livekit']),
  janus: () => ['janus'],
  faulty: () => [],
};

/** Why a server cannot be started here, for a person; `undefined` when it can: `{skip: whyNot('livekit')}`. */
export function whyNot(kind, options = {}) {
  return needs[kind](options).map(whyNoMediaServer).find(Boolean);
}

const start = {
  mediamtx: startMediaMtx,
  livekit: startLiveKit,
  janus: startJanus,
  faulty: startFaultyServer,
};

/** By name; rejects when it cannot be had. */
export async function startMediaServer(kind, options) {
  return start[kind](options);
}
