import {readFileSync} from 'node:fs';

const pkg = JSON.parse(readFileSync(new URL('./package.json', import.meta.url)));

/** src/elements/rtc-call.ts -> dist/rtc-call.js, from the exports of the package. */
const published = Object.fromEntries(
  Object.values(pkg.exports)
    .filter((target) => target.types?.includes('/elements/'))
    .map(({types, default: file}) => [
      types.replace('./dist/types/', 'src/').replace(/\.d\.ts$/, '.ts'),
      file.replace('./', ''),
    ]),
);
const toDist = (path) => published[path?.replace(/^\//, '')] ?? path;
const byName = (a, b) => (a.name < b.name ? -1 : 1);

/** Only what is public, under the paths users import, in an order that never changes. */
const publish = {
  name: 'publish',
  packageLinkPhase({customElementsManifest: {modules}}) {
    for (const module of modules) {
      module.path = toDist(module.path);
      for (const declaration of module.declarations ?? []) {
        declaration.members = declaration.members?.filter(
          ({name, privacy}) => !privacy?.match(/private|protected/) && !name.startsWith('#'),
        );
        if (
          declaration.tagName &&
          !module.exports.some(({kind}) => kind === 'custom-element-definition')
        ) {
          module.exports.push({
            kind: 'custom-element-definition',
            name: declaration.tagName,
            declaration: {name: declaration.name, module: module.path},
          });
        }
        // The analyzer takes the DOM's own classes for ours, and the `x` of `dispatchEvent(new XEvent(x))`
        // for the name of an event; only documented events are real.
        if (declaration.superclass?.module?.startsWith('src/')) {
          delete declaration.superclass.module;
        }
        declaration.events = declaration.events?.filter(
          ({name, description}) => description || name?.startsWith('rtc-'),
        );
        for (const part of ['attributes', 'events', 'slots', 'cssParts', 'cssProperties']) {
          declaration[part]?.sort(byName);
        }
      }
      for (const {declaration} of module.exports ?? []) {
        if (declaration?.module) {
          declaration.module = toDist(declaration.module);
        }
      }
    }
    modules.sort((a, b) => (a.path < b.path ? -1 : 1));
  },
};

export default {
  globs: Object.keys(published),
  outdir: '.',
  litelement: true,
  packagejson: false,
  plugins: [publish],
};
