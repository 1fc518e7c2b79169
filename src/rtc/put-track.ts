/** What each sender was last told to send. */
const put = new WeakMap<RTCRtpSender, MediaStreamTrack | null>();

/** Has a sender send this, unless it was told so last: what it says itself is not yet that. */
export async function putTrack(
  sender: RTCRtpSender,
  track: MediaStreamTrack | null,
): Promise<void> {
  const last = put.has(sender) ? put.get(sender) : sender.track;
  if (last !== track) {
    put.set(sender, track);
    await sender.replaceTrack(track);
  }
}
