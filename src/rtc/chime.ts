import {playThrough} from './speaker.js';

/** A chord, note after note, in Hz. */
const notes = [523.25, 659.25, 783.99, 1046.5];
const betweenNotes = 0.16;
const noteLength = 0.9;

/** Plays some soft notes through a speaker, to hear that it works. Resolves when they have faded, or the signal aborts. */
export async function playChime(sinkId: string, {signal}: {signal: AbortSignal}): Promise<void> {
  const context = new AudioContext();
  // Not every browser lets a context choose its speaker; an element does that.
  const player = new Audio();
  const output = context.createMediaStreamDestination();
  player.srcObject = output.stream;
  try {
    await Promise.all([context.resume(), playThrough(player, sinkId)]);
    await player.play();
    const start = context.currentTime + 0.1;
    const last = notes.map((frequency, index) => {
      const at = start + index * betweenNotes;
      const tone = new OscillatorNode(context, {type: 'triangle', frequency});
      const volume = new GainNode(context, {gain: 0});
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.25, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, at + noteLength);
      tone.connect(volume).connect(output);
      tone.start(at);
      tone.stop(at + noteLength);
      return tone;
    });
    await new Promise((resolve) => {
      last.at(-1)?.addEventListener('ended', resolve, {signal});
      signal.addEventListener('abort', resolve, {once: true});
    });
  } catch {
    // No sound: the person hears, or does not.
  } finally {
    player.srcObject = null;
    context.close().catch(() => undefined);
  }
}
