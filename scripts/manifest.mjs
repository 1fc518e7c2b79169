// Makes custom-elements.json and holds it against what the package promises.
//   --check   fails when the file was stale
import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';

const FILE = 'custom-elements.json';
const read = () => (existsSync(FILE) ? readFileSync(FILE, 'utf8') : '');
const problems = [];

const before = read();
const cem = spawnSync(
  'npx',
  ['--no-install', 'cem', 'analyze', '--config', 'custom-elements-manifest.config.mjs', '--quiet'],
  {stdio: 'inherit', shell: process.platform === 'win32'},
);
const after = read();
if (cem.status !== 0) {
  problems.push('The analyzer failed.');
}
if (process.argv.includes('--check') && before !== after) {
  problems.push(`${FILE} was stale. It is fresh now: commit it.`);
}

const {exports} = JSON.parse(readFileSync('package.json'));
const promised = Object.keys(exports)
  .map((path) => /^\.\/(rtc-(?!elements)[a-z-]+)\.js$/.exec(path)?.[1])
  .filter(Boolean);

const {modules} = JSON.parse(after);
const elements = modules.flatMap(({declarations}) => declarations).filter(({tagName}) => tagName);
for (const {tagName, events = [], attributes = [], members = []} of elements) {
  console.log(`<${tagName}>  ${events.map(({name}) => name).join(' ')}`);
  for (const {name, type, description} of events) {
    if (!name || !type?.text || !description) {
      problems.push(`<${tagName}>: event ${name} lacks its type or description.`);
    }
  }
  for (const {name, fieldName, description} of [...attributes, ...members]) {
    const field = members.find((member) => member.name === fieldName);
    if (!description && !field?.description) {
      problems.push(`<${tagName}>: ${name} has no description.`);
    }
  }
}
for (const tag of promised) {
  if (!elements.some(({tagName}) => tagName === tag)) {
    problems.push(`<${tag}> is exported but not in ${FILE}.`);
  }
}
if (/"(path|module)": "\/?src\//.test(after)) {
  problems.push(`${FILE} names files that are not published.`);
}

problems.forEach((problem) => console.error(problem));
process.exitCode = problems.length > 0 ? 1 : 0;
