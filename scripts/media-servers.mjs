// Finds the real media servers the tests run against; `--install` fetches and builds those that are missing.
// Nothing is downloaded by a plain `npm install`, and a test whose server cannot be had is skipped by name.
import {spawnSync} from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import {homedir} from 'node:os';
import {delimiter, dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const {env} = process;
const isRoot = process.getuid?.() === 0;
const cache =
  env.RTC_ELEMENTS_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'rtc-elements');

const DOWNLOAD_LIMIT_MS = 5 * 60_000;
const BUILD_LIMIT_MS = 20 * 60_000;
const ABANDONED_MS = 2 * BUILD_LIMIT_MS;

const known = {
  mediamtx: {
    variable: 'MEDIAMTX_PATH',
    module: 'github.com/bluenviron/mediamtx',
    versions: ['v1.20.1'],
    main: '.',
    // Made by `go generate`, and so not part of the module; the script is for the page we do not use.
    files: (version) => ({
      'internal/core/VERSION': version,
      'internal/servers/hls/hls.min.js': '// Not needed here.\n',
    }),
  },
  livekit: {
    variable: 'LIVEKIT_PATH',
    module: 'github.com/livekit/livekit-server',
    versions: ['v1.13.5', 'v1.11.0'],
    main: './cmd/server',
    files: () => ({}),
  },
  janus: {variable: 'JANUS_PATH', command: 'janus', debian: 'janus'},
  redis: {variable: 'REDIS_PATH', command: 'redis-server', debian: 'redis-server'},
};

export const mediaServerNames = Object.keys(known);

const builtPath = (name, version) => join(cache, `${name}-${version}`, name);

/** The path of a server's program, or `undefined`. `MEDIAMTX_PATH`, `LIVEKIT_PATH` … come first. */
export function findMediaServer(name) {
  const {variable, command, versions = []} = known[name];
  const folders = command ? (env.PATH ?? '').split(delimiter).filter(Boolean) : [];
  return [
    env[variable],
    ...versions.map((version) => builtPath(name, version)),
    ...folders.map((folder) => join(folder, command)),
  ].find((path) => path && existsSync(path));
}

/** Why a server cannot be had, for a person; `undefined` when it can. */
export function whyNoMediaServer(name) {
  if (findMediaServer(name)) {
    return undefined;
  }
  const {variable, module, debian} = known[name];
  const remedy = module
    ? `run "node scripts/media-servers.mjs --install", which needs Go 1.26`
    : `install the package "${debian}"`;
  return `no ${name} found: ${remedy}, or set ${variable}`;
}

const run = (command, args, options) =>
  spawnSync(command, args, {stdio: ['ignore', 'inherit', 'inherit'], ...options}).status === 0;

/** What a command writes, or nothing when it fails. */
const read = (command, args, options) => {
  const {status, stdout} = spawnSync(command, args, {encoding: 'utf8', ...options});
  return status === 0 ? stdout : '';
};

/** Folders that interrupted builds have left. */
function removeAbandoned() {
  for (const entry of readdirSync(cache).filter((name) => name.startsWith('.building-'))) {
    const path = join(cache, entry);
    if (Date.now() - statSync(path).mtimeMs > ABANDONED_MS) {
      rmSync(path, {recursive: true, force: true});
    }
  }
}

/**
 * Builds a version from its published Go module; true when it is there then. In a copy, so that files can be added
 * and its own `replace` lines are obeyed (`go install` does neither).
 */
function build(name, version) {
  const {module, main, files} = known[name];
  const download = read('go', ['mod', 'download', '-json', `${module}@${version}`], {
    // Outside of any module.
    cwd: cache,
    timeout: DOWNLOAD_LIMIT_MS,
  });
  if (!download) {
    return false;
  }
  const folder = mkdtempSync(join(cache, '.building-'));
  const source = join(folder, 'source');
  const result = join(folder, 'result');
  const program = join(result, name);
  try {
    run('cp', ['-R', JSON.parse(download).Dir, source]);
    run('chmod', ['-R', 'u+w', source]);
    for (const [file, text] of Object.entries(files(version))) {
      mkdirSync(dirname(join(source, file)), {recursive: true});
      writeFileSync(join(source, file), text);
    }
    const built = run('go', ['build', '-mod=mod', '-trimpath', '-o', program, main], {
      cwd: source,
      env: {...env, CGO_ENABLED: '0', GOWORK: 'off'},
      timeout: BUILD_LIMIT_MS,
    });
    if (!built || !read(program, ['--version']).includes(version.slice(1))) {
      return false;
    }
    // Whoever was faster has built the same.
    if (!existsSync(builtPath(name, version))) {
      renameSync(result, dirname(builtPath(name, version)));
    }
    return true;
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

const hasGo = () => Boolean(read('go', ['version']));
const hasApt = () =>
  isRoot &&
  existsSync('/usr/bin/apt-get') &&
  /debian|ubuntu/i.test(readFileSync('/etc/os-release', 'utf8'));

const canInstall = (name) => (known[name].module ? hasGo() : hasApt());

/** Builds the server, or on Debian and Ubuntu asks apt for it (root only). */
function install(name) {
  const {versions, debian} = known[name];
  if (versions) {
    mkdirSync(cache, {recursive: true});
    removeAbandoned();
    versions.some((version) => build(name, version));
  } else {
    const quiet = {env: {...env, DEBIAN_FRONTEND: 'noninteractive'}};
    run('apt-get', ['update', '-q'], quiet);
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', debian], quiet);
  }
}

/** Finds the media servers, installs what is missing; false when one is still missing. */
export function ensureMediaServers(names = mediaServerNames, {mayInstall = true} = {}) {
  return names
    .map((name) => {
      if (!findMediaServer(name) && mayInstall && canInstall(name)) {
        console.log(`${name}: none found, installing …`);
        install(name);
      }
      console.log(`${name}: ${findMediaServer(name) ?? whyNoMediaServer(name)}`);
      return Boolean(findMediaServer(name));
    })
    .every(Boolean);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = ensureMediaServers(mediaServerNames, {
    mayInstall: process.argv.includes('--install'),
  });
  process.exitCode = found ? 0 : 1;
}
