export {
  describeDiagnosis,
  type Diagnosis,
  type DiagnosisCheck,
  type DiagnosisVerdict,
  type LinkDiagnosis,
} from './core/diagnosis.js';
export {RtcError, type RtcErrorCode} from './core/errors.js';
export * from './elements/events.js';
export {RtcCall} from './elements/rtc-call.js';
export {RtcAudience} from './elements/rtc-audience.js';
export {RtcChat} from './elements/rtc-chat.js';
export {RtcControls, RtcRequestEvent} from './elements/rtc-controls.js';
export {RtcDevices} from './elements/rtc-devices.js';
export {RtcLevel} from './elements/rtc-level.js';
export {RtcLive} from './elements/rtc-live.js';
export {RtcLoopback} from './elements/rtc-loopback.js';
export {RtcStage} from './elements/rtc-stage.js';
export {RtcVideo} from './elements/rtc-video.js';
export {textsFor, type TextOverrides, type Texts} from './locales/texts.js';
export {callContext} from './session/call-context.js';
export {CallController, type CallControllerOptions} from './session/call-controller.js';
export {
  Broadcast,
  type BroadcastRole,
  type StageHealth,
  type StageLimit,
} from './session/broadcast.js';
export {CallSession, type CallOptions, type CallState} from './session/call-session.js';
export {Chat, type ChatMessage} from './session/chat.js';
export type {LineGrade, LineQuality, LineTrouble} from './session/line-grade.js';
export {Settings, type Choices} from './session/settings.js';
export {Files, type FileProblem, type FileState, type FileTransfer} from './session/files.js';
export {reactionNames, Reactions, type Reaction, type ShownReaction} from './session/reactions.js';
export {LocalCapture} from './session/local-capture.js';
export {LoopbackCall} from './session/loopback-call.js';
export type {Layout, Tile} from './session/layout.js';
export type {LineNumbers} from './session/monitor.js';
export type {
  LeaveReason,
  Participant,
  ParticipantConnection,
  ParticipantRole,
} from './session/participant.js';
