// Writes the tables of the elements into the README, from custom-elements.json.
//   --check   fails when they were stale
import {readFileSync, writeFileSync} from 'node:fs';

const FILE = 'README.md';
const markers = /(<!-- elements: [^>]*-->\n)[\s\S]*?(<!-- \/elements -->)/;

/** One line, as a cell of a table takes it. */
const cell = (text = '') => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim();
const table = (head, rows) =>
  rows.length === 0
    ? ''
    : [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`]
        .concat(rows.map((row) => `| ${row.map(cell).join(' | ')} |`))
        .join('\n') + '\n';

function describe({tagName, description, attributes = [], members = [], events = []}) {
  const fields = Object.fromEntries(members.map((member) => [member.name, member]));
  const named = new Set(attributes.map(({fieldName}) => fieldName));
  const properties = members.filter(({kind, name}) => kind === 'field' && !named.has(name));
  const methods = members.filter(({kind}) => kind === 'method');
  const code = (text) => `\`${text}\``;
  const call = ({name, parameters = []}) =>
    code(`${name}(${parameters.map((one) => one.name + (one.optional ? '?' : '')).join(', ')})`);
  return [
    `#### \`<${tagName}>\`\n`,
    `${cell(description)}\n`,
    table(
      ['Attribute', ''],
      attributes.map(({name, fieldName, description: text}) => [
        code(name) + (fieldName && fieldName !== name ? `, property ${code(fieldName)}` : ''),
        text ?? fields[fieldName]?.description,
      ]),
    ),
    table(
      ['Property, method', ''],
      [
        ...properties.map((one) => [code(one.name), one.description]),
        ...methods.map((one) => [call(one), one.description]),
      ],
    ),
    table(
      ['Event', ''],
      events.map(({name, description: text}) => [code(name), text]),
    ),
  ]
    .filter(Boolean)
    .join('\n');
}

const {modules} = JSON.parse(readFileSync('custom-elements.json'));
const elements = modules
  .flatMap(({declarations}) => declarations)
  .filter(({tagName}) => tagName)
  .sort((a, b) => (b.tagName === 'rtc-call') - (a.tagName === 'rtc-call'));
const before = readFileSync(FILE, 'utf8');
const after = before.replace(
  markers,
  (_, start, end) => `${start}\n${elements.map(describe).join('\n')}\n${end}`,
);
writeFileSync(FILE, after);
if (process.argv.includes('--check') && before !== after) {
  console.error(`The tables of ${FILE} were stale. They are fresh now: commit them.`);
  process.exitCode = 1;
}
