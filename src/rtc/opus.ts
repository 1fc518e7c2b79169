/** What Opus does with music, in bits a second: between 128 and 256 kbit/s hardly anybody hears a difference. */
export const musicBitrate = 192_000;

const music = {stereo: 1, maxaveragebitrate: musicBitrate, usedtx: 0};

/**
 * A session description of one who wants to hear music: in stereo, with the bits that it needs, and
 * without leaving out what is quiet (RFC 7587, section 6.1). In our own it has our decoder expect
 * that; in that of the other end, our encoder send it.
 */
export function withMusic(sdp: string): string {
  return withOpus(sdp, music);
}

/** The same of one who does not want to hear it any more: browsers repeat what was said before. */
export function withoutMusic(sdp: string): string {
  return withOpus(sdp, {}, Object.keys(music));
}

/** A session description that says that its sender sends stereo. */
export function sayMusic(sdp: string): string {
  return withOpus(sdp, {'sprop-stereo': 1});
}

/** Whether the other end says that it sends stereo. */
export function saysMusic(sdp: string): boolean {
  return /^a=fmtp:.*\bsprop-stereo=1\b/m.test(sdp);
}

function withOpus(
  sdp: string,
  added: Readonly<Record<string, number>>,
  removed = Object.keys(added),
): string {
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
      .filter((parameter) => !removed.includes(parameter.split('=')[0] ?? ''));
    const all = [...kept, ...Object.entries(added).map(([name, value]) => `${name}=${value}`)];
    return `a=fmtp:${payload} ${all.join(';')}`;
  });
}
