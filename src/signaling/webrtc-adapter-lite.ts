/**
 * Stands in for webrtc-adapter, which PeerJS imports for one version number. The real one doubles
 * the weight of PeerJS and patches the globals of the page. The build and the tests alias it to this.
 */
const userAgent = typeof navigator === 'undefined' ? '' : navigator.userAgent;

const browsers: ReadonlyArray<readonly [name: string, pattern: RegExp]> = [
  ['firefox', /Firefox\/(\d+)/],
  ['chrome', /Chrom(?:e|ium)\/(\d+)/],
  ['safari', /AppleWebKit\/(\d+)/],
];

const [browser, version] = browsers
  .map(([name, pattern]) => [name, Number(pattern.exec(userAgent)?.[1] ?? 0)] as const)
  .find(([, found]) => found > 0) ?? ['other', 0];

export default {browserDetails: {browser, version}};
