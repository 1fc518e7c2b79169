// What WHIP and WHEP send after the first exchange: parts of a description (RFC 8840, 9).

/** The value of the first such line, or `undefined`. */
export const valueOf = (sdp, name) => sdp.match(new RegExp(`^a=${name}:(.*)$`, 'm'))?.[1].trim();

/** As `RTCIceCandidate` knows them. */
export const candidatesOf = (fragment) =>
  [...fragment.matchAll(/^a=(candidate:.*)$/gm)].map(([, candidate]) => ({
    candidate: candidate.trim(),
    sdpMid: valueOf(fragment, 'mid') ?? '0',
  }));

export const isComplete = (fragment) => /^a=end-of-candidates/m.test(fragment);

/** Whether a fragment restarts ICE for the description that an offerer sent before. */
export function isRestart(fragment, sdp) {
  const ufrag = valueOf(fragment, 'ice-ufrag');
  return ufrag !== undefined && ufrag !== valueOf(sdp, 'ice-ufrag');
}

/** The offer that a restarting offerer would have sent. */
export const restarted = (sdp, fragment) =>
  sdp
    .replace(/^a=(candidate:.*|end-of-candidates)\r\n/gm, '')
    .replace(/^a=ice-ufrag:.*$/gm, `a=ice-ufrag:${valueOf(fragment, 'ice-ufrag')}`)
    .replace(/^a=ice-pwd:.*$/gm, `a=ice-pwd:${valueOf(fragment, 'ice-pwd')}`);

/** What the offerer needs of the answer to that. */
export function fragmentOf(sdp) {
  const [media] = sdp.split(/^(?=m=)/m).slice(1);
  const lines = [
    `a=ice-ufrag:${valueOf(sdp, 'ice-ufrag')}`,
    `a=ice-pwd:${valueOf(sdp, 'ice-pwd')}`,
    media.split('\r\n')[0],
    `a=mid:${valueOf(media, 'mid')}`,
    ...candidatesOf(media).map(({candidate}) => `a=${candidate}`),
    'a=end-of-candidates',
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}
