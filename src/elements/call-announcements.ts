import {format, type Texts} from '../locales/texts.js';
import {isInCall, type CallState} from '../session/call-state.js';
import type {Layout} from '../session/layout.js';
import type {LeaveReason, Participant} from '../session/participant.js';
import {nameOf} from './names.js';

/** What a view of a call shows, at one moment. */
export interface CallView {
  readonly state: CallState;
  readonly self: Participant;
  readonly participants: readonly Participant[];
  readonly layout: Layout;
  /** Whether there is a break; nothing where there is no show. */
  readonly isPaused: boolean | undefined;
}

/** Who came, in words for a screen reader. */
export function announceJoined(person: Participant, texts: Texts): string {
  switch (person.role) {
    case 'viewer':
      // There may be many.
      return '';
    case 'stage':
      return texts.announce.started;
    case 'guest':
      return format(texts.announce.cameUp, {name: nameOf(person, texts)});
  }
  return format(texts.announce.joined, {name: nameOf(person, texts)});
}

/** Who went and why, in words for a screen reader. */
export function announceLeft(person: Participant, reason: LeaveReason, texts: Texts): string {
  if (person.role === 'viewer') {
    return '';
  }
  if (person.role === 'stage' && reason === 'left') {
    return texts.announce.ended;
  }
  const {lost, wentBack, left} = texts.announce;
  const text = reason === 'lost' ? lost : person.role === 'guest' ? wentBack : left;
  return format(text, {name: nameOf(person, texts)});
}

/** What else changed from one moment to the next, in words for a screen reader. */
export function announceChange(before: CallView, now: CallView, texts: Texts): string[] {
  const {announce} = texts;
  const said: string[] = [];
  const from = before.state.phase;
  const to = now.state.phase;
  if (to === 'joined' && from !== 'joined') {
    const {reconnected, selfLive, selfWatching, selfJoined} = announce;
    const {role} = now.self;
    const joined = role === 'stage' ? selfLive : role === 'viewer' ? selfWatching : selfJoined;
    said.push(from === 'reconnecting' ? reconnected : joined);
  }
  if (to === 'reconnecting' && from !== to) {
    said.push(texts.call.reconnecting);
  }
  if (now.isPaused !== undefined && now.isPaused !== Boolean(before.isPaused)) {
    const {live, break: pause, paused} = texts.show;
    const over = now.self.role === 'stage' ? announce.selfLive : `${live}.`;
    said.push(now.isPaused ? `${pause}. ${paused}.` : over);
  }
  if (to !== 'joined') {
    return said;
  }
  const {started, stopped, ownStarted, ownStopped} = texts.recording;
  if (from === to) {
    if (before.self.micOff !== now.self.micOff) {
      said.push(now.self.micOff ? announce.micOff : announce.micOn);
    }
    if (before.self.cameraOff !== now.self.cameraOff) {
      said.push(now.self.cameraOff ? announce.cameraOff : announce.cameraOn);
    }
    if (!before.self.screen !== !now.self.screen) {
      said.push(now.self.screen ? announce.ownScreenStarted : announce.ownScreenStopped);
    }
    if (before.layout !== now.layout) {
      const {layout, layouts} = texts.controls;
      said.push(`${layout}: ${layouts[now.layout]}`);
    }
    if (before.self.recording !== now.self.recording) {
      said.push(now.self.recording ? ownStarted : ownStopped);
    }
  }
  for (const person of now.participants) {
    const old = before.participants.find(({id}) => id === person.id);
    const name = nameOf(person, texts);
    // Also of one who recorded before we came, whom we may have met before we were in.
    const wasRecording = old?.recording && isInCall(before.state);
    if (Boolean(wasRecording) !== person.recording) {
      said.push(format(person.recording ? started : stopped, {name}));
    }
    if (from !== to) {
      continue;
    }
    if (old && !old.screen !== !person.screen) {
      const text = person.screen ? announce.screenStarted : announce.screenStopped;
      said.push(format(text, {name}));
    }
    if (old && old.role !== person.role) {
      said.push(format(person.role === 'guest' ? announce.cameUp : announce.wentBack, {name}));
    }
    if (old && !old.handRaised && person.handRaised) {
      said.push(format(announce.handRaised, {name}));
    }
    if (
      old &&
      person.role !== 'viewer' &&
      old.connection !== person.connection &&
      old.connection !== 'connecting'
    ) {
      const {away, reconnecting} = texts.video;
      const isBack = person.connection === 'connected';
      said.push(`${name}: ${isBack ? announce.reconnected : person.away ? away : reconnecting}`);
    }
  }
  return said;
}
