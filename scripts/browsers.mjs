// Finds a Chromium and a Firefox for the tests; `--install` fetches those that are missing.
// Nothing is downloaded by a plain `npm install`.
import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {homedir, platform} from 'node:os';
import {delimiter, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const {env} = process;
const isWindows = platform() === 'win32';
const cache = env.PUPPETEER_CACHE_DIR ?? join(homedir(), '.cache', 'puppeteer');
const programs = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(Boolean);
const isRoot = process.getuid?.() === 0;

const known = {
  chromium: {
    variable: 'CHROME_PATH',
    commands: ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser'],
    mac: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ],
    windows: ['Google/Chrome/Application/chrome.exe', 'Microsoft/Edge/Application/msedge.exe'],
    download: 'chrome',
    executables: [
      'chrome-linux64/chrome',
      'chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
      'chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
      'chrome-win64/chrome.exe',
    ],
    debian: 'chromium',
    launch: {
      args: [
        // Chromium's sandbox refuses to work for root (containers, CI).
        ...(isRoot ? ['--no-sandbox'] : []),
        // /dev/shm of a container is often too small.
        '--disable-dev-shm-usage',
        // Pictures are encoded by the processor: half of what is usual shows the same.
        '--use-fake-device-for-media-stream=fps=10',
        '--use-fake-ui-for-media-stream',
        '--autoplay-policy=no-user-gesture-required',
        // Plain addresses: mDNS names of one browser mean nothing to the other on a machine without mDNS.
        '--disable-features=WebRtcHideLocalIpsWithMdns',
        '--allow-loopback-in-peer-connection',
      ],
    },
  },
  firefox: {
    variable: 'FIREFOX_PATH',
    commands: ['firefox-esr', 'firefox'],
    mac: ['/Applications/Firefox.app/Contents/MacOS/firefox'],
    windows: ['Mozilla Firefox/firefox.exe'],
    download: 'firefox',
    executables: [
      'firefox/firefox',
      'Firefox.app/Contents/MacOS/firefox',
      'core/firefox.exe',
      'firefox/firefox.exe',
    ],
    debian: 'firefox-esr',
    launch: {
      browser: 'firefox',
      extraPrefsFirefox: {
        'media.navigator.streams.fake': true,
        'media.navigator.video.default_fps': 10,
        'media.navigator.permission.disabled': true,
        'media.autoplay.default': 0,
        'media.autoplay.blocking_policy': 0,
        'media.peerconnection.ice.obfuscate_host_addresses': false,
        'media.peerconnection.ice.loopback': true,
      },
    },
  },
};

export const browserNames = Object.keys(known);

/** The browsers to test in: all, or those named in `BROWSERS=chromium,firefox`. */
export const wantedBrowsers = () => (env.BROWSERS ? env.BROWSERS.split(',') : browserNames);

/** The path of an installed browser, or `undefined`. `CHROME_PATH` and `FIREFOX_PATH` come first. */
export function findBrowser(name) {
  const {variable, commands, mac, windows, download, executables} = known[name];
  const suffix = isWindows ? '.exe' : '';
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  // Downloads of @puppeteer/browsers: <cache>/<browser>/<platform>-<build>/…, the newest first.
  const home = join(cache, download);
  const builds = existsSync(home) ? readdirSync(home).sort().reverse() : [];
  return [
    env[variable],
    ...commands.flatMap((command) => folders.map((folder) => join(folder, command + suffix))),
    ...mac,
    ...windows.flatMap((file) => programs.map((folder) => join(folder, file))),
    ...builds.flatMap((build) => executables.map((file) => join(home, build, file))),
  ].find((path) => path && existsSync(path));
}

/** What Puppeteer needs to launch this browser with fake devices. */
export function launchOptions(name) {
  const executablePath = findBrowser(name);
  if (!executablePath) {
    throw new Error(
      `No ${name} found: run "node scripts/browsers.mjs --install" or set ${known[name].variable}.`,
    );
  }
  // The default of 30 s is too short for Firefox on a busy machine.
  return {headless: true, timeout: 120_000, executablePath, ...known[name].launch};
}

const run = (command, args, options) =>
  spawnSync(command, args, {stdio: ['ignore', 'inherit', 'inherit'], ...options}).status === 0;

/** Downloads the browser, or on Debian and Ubuntu asks apt for it (root only). */
function install(name) {
  const {download, debian} = known[name];
  const args = ['--no-install', 'browsers', 'install', `${download}@stable`, '--path', cache];
  if (run('npx', args, {timeout: 300_000, shell: isWindows})) {
    return;
  }
  if (
    isRoot &&
    existsSync('/usr/bin/apt-get') &&
    /debian|ubuntu/i.test(readFileSync('/etc/os-release', 'utf8'))
  ) {
    const quiet = {env: {...env, DEBIAN_FRONTEND: 'noninteractive'}};
    run('apt-get', ['update', '-q'], quiet);
    run('apt-get', ['install', '-y', '-q', '--no-install-recommends', debian], quiet);
  }
}

/** Finds the browsers the tests need, installs what is missing; false when one is still missing. */
export function ensureBrowsers(names = wantedBrowsers(), {mayInstall = true} = {}) {
  return names
    .map((name) => {
      if (!findBrowser(name) && mayInstall) {
        console.log(`${name}: none found, installing …`);
        install(name);
      }
      const path = findBrowser(name);
      console.log(`${name}: ${path ?? `none (install one, or set ${known[name].variable})`}`);
      return Boolean(path);
    })
    .every(Boolean);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = ensureBrowsers(browserNames, {mayInstall: process.argv.includes('--install')});
  process.exitCode = found ? 0 : 1;
}
