/** Not everywhere yet: https://w3c.github.io/mediacapture-output/#dom-mediadevices-selectaudiooutput */
interface OutputChoice {
  selectAudioOutput?: () => Promise<MediaDeviceInfo>;
}

/** Whether sound can be played through another speaker than the usual one. */
export function canChooseSpeaker(): boolean {
  return 'setSinkId' in (globalThis.HTMLMediaElement?.prototype ?? {});
}

/** Whether the browser has a list of its own, as Firefox does: it names no speaker before. */
export function canAskForSpeaker(): boolean {
  return canChooseSpeaker() && 'selectAudioOutput' in navigator.mediaDevices;
}

/** Lets the person choose, in a click. Nothing when they think better of it. */
export async function askForSpeaker(): Promise<MediaDeviceInfo | undefined> {
  try {
    return await (navigator.mediaDevices as OutputChoice).selectAudioOutput?.();
  } catch {
    return undefined;
  }
}

/** Plays through this speaker, or the usual one when it cannot be had. */
export async function playThrough(element: HTMLMediaElement, id: string): Promise<void> {
  try {
    await element.setSinkId?.(id);
  } catch {
    await element.setSinkId('').catch(() => undefined);
  }
}
