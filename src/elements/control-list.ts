import type {TemplateResult} from 'lit';
import type {Texts} from '../locales/texts.js';
import type {BroadcastRole} from '../session/broadcast.js';
import type {CallSession} from '../session/call-session.js';
import {isInCall} from '../session/call-state.js';
import {layouts} from '../session/layout.js';
import {reactionNames} from '../session/reactions.js';
import {
  audienceIcon,
  cameraIcon,
  cameraOffIcon,
  camerasIcon,
  chatIcon,
  devicesIcon,
  flipIcon,
  fullscreenIcon,
  handIcon,
  layoutIcon,
  leaveIcon,
  micIcon,
  micOffIcon,
  offstageIcon,
  pauseIcon,
  pipIcon,
  reactionsIcon,
  recordIcon,
  screenIcon,
  soundIcon,
  soundOffIcon,
} from './icons.js';
import {isComposing} from './keys.js';

/** One of several things a button offers. */
export interface ControlChoice {
  readonly id: string;
  readonly name: string;
  /** Drawn in place of the name. */
  readonly sign?: string;
  /** Whether it is the one now, where one always is. */
  readonly isChosen?: boolean;
  readonly act: () => void;
}

/** One button of the toolbar: how it looks, when it makes sense, and what it does. */
export interface ControlSpec {
  /** The letter that presses it. */
  readonly key: string;
  readonly name: (texts: Texts['controls'], role?: BroadcastRole) => string;
  /** What pressing it would do; the name, where that says it. */
  readonly hint?: (texts: Texts['controls'], on: boolean, role?: BroadcastRole) => string;
  readonly icon: (on: boolean) => TemplateResult;
  /** Whether what it switches is on; nothing to switch where this is missing. */
  readonly isOn?: (session: CallSession) => boolean;
  /** Whether on is what one expects: off is what should catch the eye then. */
  readonly isUsuallyOn?: boolean;
  /** Whether it makes sense in this call and this browser. */
  readonly isShown?: (session: CallSession) => boolean;
  readonly isUsable: (session: CallSession) => boolean;
  /** What is new behind it, in numbers. */
  readonly unread?: (session: CallSession) => number;
  /** What that is, where it is nothing to read. */
  readonly unreadName?: (texts: Texts) => string;
  /** Whether one should know that it is on even where the button is not seen. */
  readonly isNews?: boolean;
  /** What there is to choose from: the button opens a list of them, the letter goes on to the next. */
  readonly choices?: (session: CallSession, texts: Texts) => readonly ControlChoice[];
  /** What pressing it does, where there is nothing to choose. */
  readonly act?: (session: CallSession, on: boolean) => void;
}

const inCall = ({state}: CallSession) => isInCall(state);
const sends = ({broadcast: {role}}: CallSession) => role !== 'viewer';
const isStage = ({broadcast: {role}}: CallSession) => role === 'stage';
const isAudience = ({broadcast: {role}}: CallSession) => role === 'viewer' || role === 'guest';
const always = () => true;

function camerasOf({devices}: CallSession): readonly MediaDeviceInfo[] {
  return devices.filter(({kind}) => kind === 'videoinput');
}

const list = {
  mic: {
    key: 'M',
    name: (texts) => texts.mic,
    hint: (texts, on) => (on ? texts.micTurnOff : texts.micTurnOn),
    icon: (on) => (on ? micIcon : micOffIcon),
    isOn: ({self}) => !self.micOff,
    isUsuallyOn: true,
    isShown: sends,
    isUsable: always,
    act: (session, on) => void session.toggleMic(on),
  },
  camera: {
    key: 'V',
    name: (texts) => texts.camera,
    hint: (texts, on) => (on ? texts.cameraTurnOff : texts.cameraTurnOn),
    icon: (on) => (on ? cameraIcon : cameraOffIcon),
    isOn: ({self}) => !self.cameraOff,
    isUsuallyOn: true,
    isShown: (session) => sends(session) && !session.options.audioOnly,
    isUsable: always,
    act: (session, on) => void session.toggleCamera(on),
  },
  cameras: {
    key: 'N',
    name: (texts) => texts.cameras,
    icon: () => camerasIcon,
    isShown: (session) =>
      sends(session) &&
      !session.options.audioOnly &&
      !session.options.stream &&
      camerasOf(session).length > 1,
    isUsable: always,
    choices: (session, {controls: texts}) =>
      camerasOf(session).map(({deviceId, label}, index) => ({
        id: deviceId,
        name: label || `${texts.camera} ${index + 1}`,
        isChosen: deviceId === session.cameraId,
        // One that is off stays off, and will be that one.
        act: () => void session.useDevice('videoinput', deviceId),
      })),
  },
  flip: {
    key: 'T',
    name: (texts) => texts.flip,
    icon: () => flipIcon,
    isShown: ({canFlip}) => canFlip,
    isUsable: ({self}) => !self.cameraOff,
    act: (session) => void session.flipCamera(),
  },
  screen: {
    key: 'S',
    name: (texts) => texts.screen,
    hint: (texts, on) => (on ? texts.screenStop : texts.screenStart),
    icon: () => screenIcon,
    isOn: ({self}) => self.screen !== undefined,
    isShown: (session) => session.canShareScreen && !isAudience(session),
    isUsable: inCall,
    act: (session, on) => void session.toggleScreen(on),
  },
  pause: {
    key: 'P',
    name: (texts) => texts.pause,
    hint: (texts, on) => (on ? texts.pauseEnd : texts.pauseStart),
    icon: () => pauseIcon,
    isOn: ({broadcast}) => broadcast.isPaused,
    isShown: isStage,
    isUsable: inCall,
    act: ({broadcast}, on) => broadcast.pause(on),
  },
  audience: {
    key: 'A',
    name: (texts) => texts.audience,
    hint: (texts, on) => (on ? texts.audienceClose : texts.audienceOpen),
    icon: () => audienceIcon,
    isOn: ({panel}) => panel === 'audience',
    isShown: (session) => isStage(session) && session.broadcast.hasPeople,
    isUsable: inCall,
    unread: ({participants}) =>
      participants.filter(({role, handRaised}) => role === 'viewer' && handRaised).length,
    unreadName: ({show}) => show.handRaised,
    act: (session, on) => session.openPanel(on ? 'audience' : undefined),
  },
  offstage: {
    key: 'B',
    name: (texts) => texts.offstage,
    icon: () => offstageIcon,
    isShown: ({broadcast: {role}}) => role === 'guest',
    isUsable: inCall,
    act: ({broadcast}) => broadcast.goBack(),
  },
  reactions: {
    key: 'E',
    name: (texts) => texts.reactions,
    hint: (texts) => texts.reactionsHint,
    icon: () => reactionsIcon,
    isShown: ({broadcast: {role}}) => role === undefined,
    isUsable: ({reactions}) => reactions.isOpen,
    choices: ({reactions}, {reactions: names}) =>
      reactionNames.map((sign) => ({
        id: sign,
        name: names[sign],
        sign,
        act: () => {
          try {
            reactions.send(sign);
          } catch {
            // Faster than anybody can see: one less is no loss.
          }
        },
      })),
  },
  hand: {
    key: 'H',
    name: (texts) => texts.hand,
    hint: (texts, on) => (on ? texts.handLower : texts.handRaise),
    icon: () => handIcon,
    isOn: ({broadcast}) => broadcast.handRaised,
    isShown: ({broadcast: {role, hasPeople}, canRaiseHand}) =>
      role ? role === 'viewer' && hasPeople : canRaiseHand,
    isUsable: (session) => (session.broadcast.role ? session.broadcast.isLive : inCall(session)),
    isNews: true,
    act: ({broadcast}, on) => broadcast.raiseHand(on),
  },
  sound: {
    key: 'U',
    name: (texts) => texts.sound,
    hint: (texts, on) => (on ? texts.soundOff : texts.soundOn),
    icon: (on) => (on ? soundIcon : soundOffIcon),
    isOn: ({volume}) => volume > 0,
    isUsuallyOn: true,
    isUsable: always,
    act: (session, on) => session.toggleSound(on),
  },
  chat: {
    key: 'C',
    name: (texts) => texts.chat,
    hint: (texts, on) => (on ? texts.chatClose : texts.chatOpen),
    icon: () => chatIcon,
    isOn: ({panel}) => panel === 'chat',
    isShown: ({broadcast: {hasPeople}}) => hasPeople,
    isUsable: ({chat, panel}) => chat.isOpen || chat.messages.length > 0 || panel === 'chat',
    unread: ({unread}) => unread,
    act: (session, on) => session.openPanel(on ? 'chat' : undefined),
  },
  record: {
    key: 'R',
    name: (texts) => texts.record,
    hint: (texts, on) => (on ? texts.recordStop : texts.recordStart),
    icon: () => recordIcon,
    isOn: ({recording}) => recording.isRunning,
    isShown: ({recording}) => recording.isAvailable || recording.isRunning,
    isUsable: always,
    isNews: true,
    act: (session, on) =>
      void (on ? session.recording.start(session.options.room) : session.recording.stop()),
  },
  layout: {
    key: 'G',
    name: (texts) => texts.layout,
    icon: () => layoutIcon,
    isShown: ({broadcast: {role}}) => role === undefined,
    isUsable: inCall,
    choices: (session, {controls: texts}) =>
      layouts.map((layout) => ({
        id: layout,
        name: texts.layouts[layout],
        isChosen: session.layout === layout,
        act: () => session.setLayout(layout),
      })),
  },
  devices: {
    key: 'D',
    name: (texts) => texts.devices,
    hint: (texts) => texts.devicesHint,
    icon: () => devicesIcon,
    isOn: ({panel}) => panel === 'devices',
    isShown: sends,
    isUsable: inCall,
    act: (session, on) => session.openPanel(on ? 'devices' : undefined),
  },
  pip: {
    key: 'I',
    name: (texts) => texts.pip,
    hint: (texts) => texts.pipHint,
    icon: () => pipIcon,
    isOn: ({isFloating}) => isFloating,
    isShown: ({canPictureInPicture}) => canPictureInPicture,
    isUsable: (session) => session.participants.length > 0,
    act: (session) => session.requestView('pip'),
  },
  fullscreen: {
    key: 'F',
    name: (texts) => texts.fullscreen,
    icon: () => fullscreenIcon,
    isShown: ({canFullScreen}) => canFullScreen,
    isUsable: inCall,
    act: (session) => session.requestView('fullscreen'),
  },
  leave: {
    key: 'L',
    name: (texts, role) => (role === 'stage' ? texts.end : texts.leave),
    hint: (texts, _, role) =>
      role === 'stage' ? texts.end : role ? texts.leaveShow : texts.leaveHint,
    icon: () => leaveIcon,
    isUsable: (session) => inCall(session) || session.state.phase === 'joining',
    act: (session) => session.leave(),
  },
} as const satisfies Readonly<Record<string, ControlSpec>>;

export type Control = keyof typeof list;

/** What every button of the toolbar is. */
export const controlList: Readonly<Record<Control, ControlSpec>> = list;

export function isControl(word: string): word is Control {
  return Object.hasOwn(list, word);
}

/** The toolbar of a page that does not ask for another one, by the mode of the call. */
export function defaultControls(mode: string | undefined): string {
  switch (mode) {
    case 'broadcast':
      return 'mic camera cameras flip screen pause audience chat record devices leave';
    case 'watch':
      return 'mic camera cameras flip offstage reactions hand sound chat record devices pip fullscreen leave';
    default:
      return 'mic camera flip screen reactions hand chat record layout devices pip fullscreen leave';
  }
}

/** What of a toolbar is of use before the call. */
export function lobbyControls(controls: string): string {
  return controls
    .split(/\s+/)
    .filter((word) => !isControl(word) || /^(mic|camera|cameras|flip)$/.test(word))
    .join(' ');
}

/** Those that stay in sight in however narrow a bar, */
export const lasting: readonly Control[] = ['mic', 'camera', 'cameras', 'leave'];
/** and the others, those that stay longest first. */
export const passing: readonly Control[] = [
  'offstage',
  'sound',
  'pause',
  'chat',
  'flip',
  'screen',
  'hand',
  'audience',
  'reactions',
  'record',
  'layout',
  'devices',
  'fullscreen',
  'pip',
];

/** Whether keys mean something else there. */
export function isWrittenIn(element: Element): boolean {
  return (
    element instanceof HTMLElement &&
    (element.isContentEditable || /^(input|textarea|select)$/.test(element.localName))
  );
}

function isChord(event: KeyboardEvent): boolean {
  return event.ctrlKey || event.metaKey || event.altKey || event.getModifierState('AltGraph');
}

/** The button a letter stands for, unless it is being typed into something. */
export function pressedControl(event: KeyboardEvent): Control | undefined {
  const [target] = event.composedPath();
  const typing = target instanceof Element && isWrittenIn(target);
  if (event.defaultPrevented || event.repeat || typing || isComposing(event) || isChord(event)) {
    return undefined;
  }
  const {key, code} = event;
  // On a Korean keyboard the key M gives a letter of another script, or on a Hindi one a part of
  // one: then the place counts. Not for a comma, which is there on a French keyboard.
  const isForeign = /^(?!\p{Script=Latin})[\p{L}\p{M}]+$/u.test(key);
  const letter = (isForeign ? code.replace(/^Key/, '') : key).toUpperCase();
  return (Object.keys(list) as Control[]).find((control) => list[control].key === letter);
}
