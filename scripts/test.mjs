// `npm test`: everything; `npm run test:unit`, `npm run test:e2e`: one half; `npm run coverage`: the first, with what of
// the code it has seen, in Chromium only.
// Ends with one line, `N passed, N failed`; tests whose server cannot be had are neither, and named before it.
import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {pathToFileURL} from 'node:url';
import {ensureBrowsers, findBrowser, wantedBrowsers} from './browsers.mjs';
import {ensureMediaServers} from './media-servers.mjs';

const {env} = process;
const [half] = process.argv.slice(2);
const OUT = '.test';
rmSync(OUT, {recursive: true, force: true});
mkdirSync(OUT);

/** Runs a command with its output on ours; true when it succeeded. */
const run = (command, args, variables) =>
  spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    env: {...env, ...variables},
  }).status === 0;

/** What a half counted; one that could not even count has failed. */
function totals(name, succeeded) {
  const file = `${OUT}/${name}.json`;
  const {passed, failed, failures, skipped} = existsSync(file)
    ? JSON.parse(readFileSync(file))
    : {passed: 0, failed: 1, failures: [`${name} did not run to its end`], skipped: []};
  const ok = succeeded && failed === 0 && passed > 0;
  if (!ok && failed === 0) {
    console.log(`${name}: failed, but no test did (coverage, or nothing to run); see above.`);
  }
  return {name, passed, failed, failures, skipped, ok};
}

function unit(...options) {
  const file = pathToFileURL(`${OUT}/unit.json`).href;
  return totals('unit', run('npx', ['--no-install', 'wtr', ...options], {TOTALS: file}));
}

/** Not with every test run: it takes three times as long. */
function coverage() {
  env.BROWSERS = 'chromium';
  return unit('--coverage');
}

function e2e() {
  if (!run('npm', ['run', '--silent', 'build'])) {
    return {name: 'build', passed: 0, failed: 1, failures: ['the build'], skipped: [], ok: false};
  }
  const files = ['test/node', 'test/e2e'].flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.test.mjs'))
      .map((file) => `${folder}/${file}`),
  );
  return totals(
    'e2e',
    run(process.execPath, [
      '--test',
      '--test-concurrency=2',
      '--test-timeout=240000',
      '--test-reporter=spec',
      '--test-reporter-destination=stdout',
      '--test-reporter=./scripts/lib/node-totals.mjs',
      `--test-reporter-destination=${OUT}/e2e.json`,
      ...files,
    ]),
  );
}

if (!ensureBrowsers()) {
  // One browser is enough to work with; CI, and whoever names browsers, means them all.
  const found = wantedBrowsers().filter(findBrowser);
  if (env.CI || env.BROWSERS || found.length === 0) {
    console.log('0 passed, 1 failed');
    process.exit(1);
  }
  env.BROWSERS = found.join();
  console.log(`Testing in ${env.BROWSERS} only.`);
}

// Those that are not there are said to be missing, and what needs them is skipped.
ensureMediaServers();

const results = {unit: [unit], e2e: [e2e], coverage: [coverage]}[half] ?? [unit, e2e];
const counted = results.map((test) => test());
const sum = (key) => counted.reduce((total, result) => total + result[key], 0);

// Once more at the end, where a reader looks first.
for (const failure of counted.flatMap(({failures}) => failures)) {
  console.log(`FAILED ${failure}`);
}
for (const name of counted.flatMap(({skipped}) => skipped)) {
  console.log(`SKIPPED ${name}`);
}
console.log();
if (counted.length > 1) {
  counted.forEach(({name, passed, failed}) =>
    console.log(`${name}: ${passed} passed, ${failed} failed`),
  );
}
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = counted.every(({ok}) => ok) ? 0 : 1;
