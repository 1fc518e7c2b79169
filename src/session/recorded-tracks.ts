import {format, type Texts} from '../locales/texts.js';
import type {RecordedTracks} from '../rtc/recorder.js';
import type {Participant} from './participant.js';

/** What is recorded of a broadcast: a picture, the guest in its corner, all that sounds. Oneself comes first. */
export function tracksOfShow(all: readonly Participant[]): RecordedTracks {
  const onStage = all.filter(({role}) => role === 'stage' || role === 'guest');
  const main = onStage.find(({role}) => role === 'stage');
  const guest = onStage.find(({role, cameraOff}) => role === 'guest' && !cameraOff);
  const camera = main?.cameraOff ? undefined : main?.stream;
  const [own] = [main?.screen, camera].flatMap((stream) => stream?.getVideoTracks() ?? []);
  const [theirs] = guest?.stream?.getVideoTracks() ?? [];
  const [video, inset] = own ? [own, theirs] : [theirs];
  return {video, inset, audio: soundOf(onStage)};
}

/** What is recorded of a call: everybody with a name, what they share, and all that sounds. Oneself comes first. */
export function tracksOfCall(all: readonly Participant[], {video}: Texts): RecordedTracks {
  const {nameless, screenOf} = video;
  const people = all.filter(({connection}) => connection !== 'connecting');
  const tiles = people.flatMap(({screen, stream, cameraOff, ...person}) => {
    const name = person.name || nameless;
    const [shared] = screen?.getVideoTracks() ?? [];
    const [camera] = (!cameraOff && stream?.getVideoTracks()) || [];
    return [
      ...(shared
        ? [{source: 'screen', name: format(screenOf, {name}), track: shared} as const]
        : []),
      {source: 'camera', name, track: camera} as const,
    ];
  });
  return {video: undefined, tiles, audio: soundOf(people)};
}

/** Where nothing can be mixed, only the first is heard. */
function soundOf(people: readonly Participant[]): MediaStreamTrack[] {
  return people.flatMap(({screen, stream, micOff}) => [
    ...(screen?.getAudioTracks() ?? []),
    ...(micOff ? [] : (stream?.getAudioTracks() ?? [])),
  ]);
}
