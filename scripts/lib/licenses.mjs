// Whoever passes on a bundle passes on the licenses of what is in it.
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

/** The folder of the package a module comes from, if it comes from one. */
const packageOf = (id) =>
  /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll('\\', '/'))?.[0];

function licenseOf(folder) {
  const {name, version, license} = JSON.parse(readFileSync(join(folder, 'package.json')));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(join(folder, file), 'utf8') : '';
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}

/** Rollup plugin: writes licenses.txt, with the license of every package in the bundle. */
export const licenses = () => ({
  name: 'licenses',
  generateBundle(options, bundle) {
    const used = Object.values(bundle)
      .flatMap(({modules}) => Object.entries(modules ?? {}))
      .filter(([, {renderedLength}]) => renderedLength > 0)
      .map(([id]) => packageOf(id))
      .filter(Boolean);
    this.emitFile({
      type: 'asset',
      fileName: 'licenses.txt',
      source: [...new Set(used)]
        .sort()
        .map(licenseOf)
        .join(`\n${'-'.repeat(80)}\n\n`),
    });
  },
});
