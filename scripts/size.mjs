// Prints the size of what a page loads, and fails when a budget in package.json is broken.
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {brotliCompressSync, gzipSync} from 'node:zlib';

const {budget} = JSON.parse(readFileSync('package.json'));
const files = readdirSync('dist', {recursive: true})
  .filter((file) => file.endsWith('.js'))
  .map((file) => `dist/${file.replaceAll('\\', '/')}`)
  .sort();

const sizes = Object.fromEntries(
  files.map((file) => {
    const raw = readFileSync(file);
    return [
      file,
      {
        raw: raw.length,
        gzip: gzipSync(raw, {level: 9}).length,
        brotli: brotliCompressSync(raw).length,
      },
    ];
  }),
);
console.table(sizes);

for (const [file, limits] of Object.entries(budget)) {
  for (const [kind, limit] of Object.entries(limits)) {
    const size = existsSync(file) ? sizes[file][kind] : Infinity;
    if (size > limit) {
      console.error(`${file}: ${size} bytes ${kind}, the budget is ${limit}.`);
      process.exitCode = 1;
    }
  }
}
