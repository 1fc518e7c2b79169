import {expect} from '@open-wc/testing';
import * as everything from '../../src/index.js';

interface Declaration {
  readonly tagName?: string;
  readonly attributes?: readonly {readonly name: string}[];
  readonly events?: readonly {readonly name: string}[];
  readonly members?: readonly {readonly name: string; readonly kind: string}[];
}

/** What users may rely on. A name may be added here; none may go. */
const frozen: Readonly<
  Record<string, Readonly<Record<'attributes' | 'events' | 'members', string>>>
> = {
  'rtc-call': {
    attributes:
      'room name mode broker autojoin mic-off camera-off audio-only max-participants controls layout resume relay-only reconnect-timeout audio-mode no-badge poster whip whep livekit livekit-client token',
    events:
      'rtc-state-change rtc-joined rtc-left rtc-participant-joined rtc-participant-left rtc-participant-change rtc-message rtc-error',
    members:
      'room name mode broker autojoin micOff cameraOff audioOnly maxParticipants controls resume relayOnly reconnectTimeout rtcConfiguration stream session state error self participants join leave toggleMic toggleCamera toggleScreen send getStats diagnose audioMode noBadge texts layout poster whip whep livekit livekitClient token startRecording stopRecording',
  },
  'rtc-video': {
    attributes: 'participant source for capture muted volume',
    events: 'rtc-error',
    members:
      'participant source for capture muted volume srcObject play setSinkId requestPictureInPicture',
  },
  'rtc-controls': {
    attributes: 'controls for',
    events:
      'rtc-mic-request rtc-camera-request rtc-screen-request rtc-leave-request rtc-pause-request rtc-audience-request rtc-offstage-request rtc-hand-request rtc-sound-request rtc-chat-request rtc-record-request rtc-pip-request rtc-fullscreen-request rtc-flip-request rtc-reactions-request rtc-layout-request rtc-devices-request rtc-error',
    members: 'controls for',
  },
  'rtc-stage': {attributes: 'for', events: '', members: 'for mainTile'},
  'rtc-chat': {attributes: 'for', events: '', members: 'for'},
  'rtc-devices': {attributes: 'for', events: '', members: 'for'},
  'rtc-level': {attributes: 'for', events: '', members: 'for'},
  'rtc-live': {attributes: 'for', events: '', members: 'for'},
  'rtc-audience': {attributes: 'for', events: '', members: 'for'},
  'rtc-loopback': {attributes: '', events: 'rtc-error', members: ''},
};

describe('index', () => {
  it('registers every element', () => {
    for (const tag of Object.keys(frozen)) {
      expect(customElements.get(tag), tag).to.be.a('function');
    }
    expect(everything.RtcCall).to.equal(customElements.get('rtc-call'));
  });

  it('keeps the names it has promised, in the manifest and in the elements', async () => {
    const manifest = (await (await fetch('/custom-elements.json')).json()) as {
      modules: {declarations: Declaration[]}[];
    };
    const elements = manifest.modules.flatMap(({declarations}) => declarations);
    for (const [tag, names] of Object.entries(frozen)) {
      const element = elements.find(({tagName}) => tagName === tag);
      for (const kind of ['attributes', 'events', 'members'] as const) {
        const there = (element?.[kind] ?? []).map(({name}) => name);
        expect(there, `${kind} of <${tag}>`).to.include.members(
          names[kind].split(' ').filter(Boolean),
        );
      }
      const instance = document.createElement(tag);
      for (const member of names.members.split(' ').filter(Boolean)) {
        expect(member in instance, `${tag}.${member}`).to.equal(true);
      }
    }
  });

  it('has an event class for every event, with bubbles and composed', () => {
    const error = new everything.RtcError('room-full');
    for (const event of [
      new everything.RtcJoinedEvent(),
      new everything.RtcLeftEvent('left'),
      new everything.RtcErrorEvent(error),
      new everything.RtcStateChangeEvent('joined'),
    ]) {
      expect(event.bubbles && event.composed, event.type).to.equal(true);
    }
  });
});
