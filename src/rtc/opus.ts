/** What Opus does with music, in bits a second: between 128 and 256 kbit/s nobody hears a difference. */
export const musicBitrate = 192_000;

/** https://www.rfc-editor.org/rfc/rfc7587#section-6.1 */
const music = {
  stereo: '1',
  'sprop-stereo': '1',
  maxaveragebitrate: String(musicBitrate),
  // Silence is part of it.
  usedtx: '0',
};

/**
 * A session description whose Opus is for music: stereo, and as many bits as that needs. In what we receive
 * it has our encoder send so; in our own it has our decoder expect so, and tells the other end.
 */
export function withMusic(sdp: string): string {
  const payloads = [...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000/gim)].map(
    ([, payload]) => payload,
  );
  return sdp.replace(/^a=fmtp:(\d+) (.*)$/gm, (line, payload: string, parameters: string) => {
    if (!payloads.includes(payload)) {
      return line;
    }
    const kept = parameters
      .trim()
      .split(/\s*;\s*/)
      .filter((parameter) => parameter && !Object.hasOwn(music, parameter.split('=')[0] ?? ''));
    const added = Object.entries(music).map(([name, value]) => `${name}=${value}`);
    return `a=fmtp:${payload} ${[...kept, ...added].join(';')}`;
  });
}

/** Whether the other end says that it sends music. */
export function isMusic(sdp: string): boolean {
  return /^a=fmtp:.*\bsprop-stereo=1\b/m.test(sdp);
}
