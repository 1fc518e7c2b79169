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
export {
  RtcCameraRequestEvent,
  RtcControls,
  RtcLeaveRequestEvent,
  RtcMicRequestEvent,
  RtcScreenRequestEvent,
} from './elements/rtc-controls.js';
export {RtcLoopback} from './elements/rtc-loopback.js';
export {RtcVideo} from './elements/rtc-video.js';
export {callContext} from './session/call-context.js';
export {CallController, type CallControllerOptions} from './session/call-controller.js';
export {CallSession, type CallOptions, type CallState} from './session/call-session.js';
export {LocalCapture} from './session/local-capture.js';
export {LoopbackCall} from './session/loopback-call.js';
export type {LeaveReason, Participant, ParticipantConnection} from './session/participant.js';
