import {RtcError} from '../core/errors.js';
import type {StoredRecording} from './recording-store.js';

/** https://wicg.github.io/file-system-access/#api-showsavefilepicker */
declare const showSaveFilePicker: (options: {
  readonly suggestedName: string;
  readonly types: readonly {readonly accept: Readonly<Record<string, readonly string[]>>}[];
}) => Promise<FileSystemFileHandle>;

/** How long a browser may need to begin with a download. */
const beginMs = 60_000;

/** Longest name of a recording in the name of its file, in characters. */
const maxName = 80;

export interface RecordedFile {
  readonly name: string;
  readonly type: string;
  readonly startedAt: Date;
  /** The first is called as if it were all. */
  readonly part?: number;
}

/**
 * Such as `friday 2026-11-21 20.15.webm` and `friday 2026-11-21 20.40 part 2.webm`, in the time of this place,
 * whatever the name is.
 */
export function recordingFileName({name, type, startedAt, part = 1}: RecordedFile): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const date = [startedAt.getFullYear(), startedAt.getMonth() + 1, startedAt.getDate()];
  const time = [startedAt.getHours(), startedAt.getMinutes()];
  // What one file system or another forbids, or hides; also what changes the direction of writing.
  const safe = [...name.replace(/[\p{C}<>:"/\\|?*]+/gu, ' ')].slice(0, maxName).join('');
  return [
    safe.replace(/\s+/g, ' ').replace(/^[ .]+|[ .]+$/g, ''),
    date.map(two).join('-'),
    `${time.map(two).join('.')}${part > 1 ? ` part ${part}` : ''}.${extensionOf(type)}`,
  ]
    .filter(Boolean)
    .join(' ');
}

/**
 * Lets the person choose a file to write to. Needs a click. `unsupported`, where pages cannot write to files
 * (Firefox, Safari), or there was no click.
 */
export async function pickFile(
  file: RecordedFile,
): Promise<FileSystemFileHandle | 'cancelled' | 'unsupported'> {
  if (!('showSaveFilePicker' in globalThis)) {
    return 'unsupported';
  }
  const [type = ''] = file.type.split(';');
  try {
    return await showSaveFilePicker({
      suggestedName: recordingFileName(file),
      types: [{accept: {[type]: [`.${extensionOf(type)}`]}}],
    });
  } catch (cause) {
    // The other one is a SecurityError: no click, or a frame of another origin.
    return cause instanceof DOMException && cause.name === 'AbortError'
      ? 'cancelled'
      : 'unsupported';
  }
}

/**
 * Gives a recording to the person. With a picker it is written to the file they choose and removed from the
 * store then. Otherwise it is a download: nobody says when that is finished, so it stays for a while, unlisted.
 * @throws {RtcError} `recording-failed`; the recording is kept.
 */
export async function saveRecording(recording: StoredRecording): Promise<'saved' | 'cancelled'> {
  const file = await pickFile(recording);
  if (file === 'cancelled') {
    return file;
  }
  try {
    if (file === 'unsupported') {
      await recording.join();
      download(await recording.toBlob(), recordingFileName(recording));
      await recording.markSaved();
    } else {
      const blob = await recording.toBlob();
      await blob.stream().pipeTo(await file.createWritable());
      await recording.remove();
    }
  } catch (cause) {
    throw new RtcError('recording-failed', {cause});
  }
  return 'saved';
}

/** Gives it to the browser to be saved, which does not say when it has done so. */
export function download(blob: Blob, name: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), beginMs);
}

function extensionOf(type: string): string {
  return type.startsWith('video/mp4') ? 'mp4' : 'webm';
}
