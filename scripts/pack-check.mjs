// Is the package whole? Packs it, installs it in an empty project, and does there what users do:
// type-checks (both ways of resolving modules), bundles, and imports every entry on a server.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {build} from 'esbuild';

const shell = process.platform === 'win32';
const run = (command, args, cwd) =>
  execFileSync(command, args, {cwd, shell, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8'});

const pkg = JSON.parse(readFileSync('package.json'));
const name = (path) => pkg.name + path.slice(1);
const typed = Object.keys(pkg.exports).filter((path) => pkg.exports[path].types);
const tsc = join(import.meta.dirname, '../node_modules/typescript/bin/tsc');
const home = mkdtempSync(join(tmpdir(), 'rtc-elements-pack-'));

function expect(condition, message) {
  if (!condition) {
    throw new Error(message);
  }
}

try {
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', home]);
  const tarball = readdirSync(home).find((file) => file.endsWith('.tgz'));
  writeFileSync(join(home, 'package.json'), '{"type": "module", "private": true}');
  run(
    'npm',
    ['install', '--silent', '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`],
    home,
  );
  console.log(`packed and installed ${tarball}`);

  writeFileSync(
    join(home, 'consumer.ts'),
    `${typed.map((path, i) => `import * as entry${i} from '${name(path)}';`).join('\n')}
const call: HTMLElementTagNameMap['rtc-call'] = document.createElement('rtc-call');
call.room = 'lesson-42';
// @ts-expect-error A room is a string: the types are really there.
call.room = 42;
export const all = [call, ${typed.map((_, i) => `entry${i}`).join(', ')}];
`,
  );
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    // Our own declarations are checked here, too, so no skipLibCheck.
    writeFileSync(
      join(home, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          module,
          moduleResolution,
          target: 'es2022',
          lib: ['es2022', 'dom', 'dom.iterable'],
          types: [],
          strict: true,
          noEmit: true,
        },
        files: ['consumer.ts'],
      }),
    );
    try {
      run(process.execPath, [tsc], home);
    } catch (error) {
      throw new Error(`types (${moduleResolution}):\n${error.stdout}`, {cause: error});
    }
    console.log(`type-checks with moduleResolution ${moduleResolution}`);
  }

  /** Bundles a line of code as an application would; returns what is loaded with the page. */
  async function bundle(code) {
    const {outputFiles} = await build({
      stdin: {contents: code, resolveDir: home},
      bundle: true,
      splitting: true,
      format: 'esm',
      outdir: home,
      write: false,
      logLevel: 'silent',
    });
    return outputFiles.find(({path}) => path.endsWith('stdin.js')).text;
  }
  const PEERJS = '0.peerjs.com';
  const call = await bundle(`import '${name('./rtc-call.js')}';`);
  expect(call.includes('rtc-call'), 'A bundler drops the registration of <rtc-call>.');
  expect(!call.includes(PEERJS), 'PeerJS is loaded with the page.');
  const session = await bundle(
    `import {CallSession} from '${name('./session.js')}'; console.log(CallSession);`,
  );
  expect(!session.includes('customElements'), 'The headless session brings elements along.');
  const german = 'Teilnehmen';
  expect(!call.includes(german), 'All languages are loaded with the page.');
  const installed = join(home, 'node_modules', pkg.name);
  for (const path of [pkg.unpkg, pkg.exports['./rtc-elements.esm.min.js']]) {
    const single = readFileSync(join(installed, path), 'utf8');
    const languages = single.match(/\.\/locales\/\w+\.js/g) ?? [];
    expect(languages.length && !single.includes(german), `The languages are in ${path}.`);
    languages.forEach((language) => readFileSync(join(installed, 'dist', language)));
  }
  console.log('bundles with esbuild');

  for (const path of Object.keys(pkg.exports).filter((path) => !path.endsWith('.json'))) {
    const code = `await import(${JSON.stringify(name(path))})`;
    run(process.execPath, ['--input-type=module', '--eval', code], home);
  }
  for (const path of ['./custom-elements.json', './package.json']) {
    const code = `import.meta.resolve(${JSON.stringify(name(path))})`;
    run(process.execPath, ['--input-type=module', '--eval', code], home);
  }
  console.log('imports without a DOM');
} catch (error) {
  console.error(`pack-check: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(home, {recursive: true, force: true});
}
