import {fileURLToPath} from 'node:url';
import {esbuildPlugin} from '@web/dev-server-esbuild';
import {defaultReporter} from '@web/test-runner';
import {chromeLauncher, puppeteerCore} from '@web/test-runner-chrome';
import {launchOptions, wantedBrowsers} from './scripts/browsers.mjs';
import {wtrPeerJs} from './scripts/lib/peerjs-patches.mjs';
import {totalsReporter} from './scripts/lib/totals.mjs';
import {brokers} from './scripts/lib/wtr-brokers.mjs';
import {forcedColors} from './scripts/lib/wtr-forced-colors.mjs';
import {mediaServers} from './scripts/lib/wtr-media-servers.mjs';
import {paths} from './scripts/lib/wtr-paths.mjs';

/** One page at a time in each browser: two cores carry no more calls, and pages share their tab signaling. */
const browser = (name) =>
  chromeLauncher({
    concurrency: 1,
    launchOptions: launchOptions(name),
    // Naming puppeteer-core lets it drive Firefox; in Chromium it would cost us the coverage.
    ...(name === 'firefox' && {puppeteer: puppeteerCore}),
  });

/**
 * Half of the tests run in browsers of their own beside the others: those that mostly wait for media
 * servers, or measure one link.
 */
const beside = [
  ...['broadcast', 'livekit', 'served', 'whep', 'whip'].map(
    (name) => `test/unit/networks/${name}.test.ts`,
  ),
  'test/unit/rtc/*.test.ts',
];

export default {
  nodeResolve: {exportConditions: ['browser']},
  browsers: wantedBrowsers().map(browser),
  groups: process.argv.some((word) => word.startsWith('--files'))
    ? []
    : [
        {
          name: 'calls',
          files: ['test/unit/**/*.test.ts', ...beside.map((file) => `!${file}`)],
        },
        {name: 'media', files: beside, browsers: wantedBrowsers().map(browser)},
      ],
  concurrentBrowsers: 4,
  plugins: [
    wtrPeerJs(),
    esbuildPlugin({ts: true, tsconfig: fileURLToPath(new URL('./tsconfig.json', import.meta.url))}),
    brokers(),
    paths(),
    forcedColors(),
    mediaServers(),
  ],
  reporters: [defaultReporter(), totalsReporter()],
  coverageConfig: {
    include: ['src/**/*.ts'],
    exclude: ['src/signaling/webrtc-adapter-lite.ts'],
    reporters: ['lcovonly', 'text-summary'],
    threshold: {lines: 90},
  },
  // Firefox takes its time on a busy machine; the defaults (30, 20 and 120 s) are too short.
  browserStartTimeout: 180_000,
  testsStartTimeout: 60_000,
  testsFinishTimeout: 300_000,
  testFramework: {config: {timeout: 20_000}},
};
