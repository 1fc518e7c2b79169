import {TypedEventTarget} from '../core/typed-event-target.js';
import type {Network, ShowTerms, StageHealth, StageLimit} from '../networks/network.js';
import type {LineGrade} from './line-grade.js';

export type {StageHealth, StageLimit};

/** What somebody is in a broadcast; nothing in an ordinary call. */
export type BroadcastRole =
  /** Sends to all. */
  | 'stage'
  /** Was asked to the stage, and has come. */
  | 'guest'
  /** Watches. */
  | 'viewer';

export interface BroadcastEvents {
  change: Event;
}

const firstTerms: ShowTerms = {paused: false, chat: true, record: false, guest: undefined};

/**
 * A broadcast as this page sees it: what the stage decides, and what a viewer is told and asks
 * for. Media, people and devices are the session's business.
 */
export class Broadcast extends TypedEventTarget<BroadcastEvents> {
  #mode = 'call';
  #network: Network | undefined;
  #startedAt: number | undefined;
  #terms = firstTerms;
  #viewersOf: (() => number) | undefined;
  #line: (() => LineGrade | undefined) | undefined;
  #handRaised = false;
  /** What we have said to an invitation. */
  #answer: boolean | undefined;

  get role(): BroadcastRole | undefined {
    if (this.#mode === 'call') {
      return undefined;
    }
    return this.#mode === 'broadcast' ? 'stage' : this.isGuest ? 'guest' : 'viewer';
  }

  /**
   * Whether something is going on: in the audience, whether there is a stage to be seen. One that
   * waits for its media server can be heard of before.
   */
  get isLive(): boolean {
    return this.#mode === 'watch'
      ? Boolean(this.#network?.members.length)
      : this.#startedAt !== undefined;
  }

  /** In the audience: whether the stage has said that it is over. */
  get hasEnded(): boolean {
    return this.#network?.hasEnded ?? false;
  }

  /** When it began, in milliseconds since 1970 by our own clock, where that is known. */
  get startedAt(): number | undefined {
    return this.#startedAt;
  }

  /**
   * Whether stage and audience can count, and write to, each other. Not through a media server
   * alone: that takes the room's broker as well.
   */
  get hasPeople(): boolean {
    return this.#network?.hasPeople ?? true;
  }

  /** How many are watching, where that is known. */
  get viewers(): number | undefined {
    if (!this.hasPeople || this.#network?.isCrowded) {
      return undefined;
    }
    return this.#mode === 'broadcast' ? this.#viewersOf?.() : this.#network?.show?.viewers;
  }

  /** Whether there is a break, with a slate in place of picture and sound. */
  get isPaused(): boolean {
    return this.#network?.show?.paused ?? this.#terms.paused;
  }

  /** Whether the audience may chat. */
  get chatIsOpen(): boolean {
    return this.#mode === 'broadcast' ? this.#terms.chat : (this.#network?.show?.chat ?? true);
  }

  /** Whether the audience may record. */
  get recordingIsAllowed(): boolean {
    return this.#network?.show?.record ?? this.#terms.record;
  }

  /** On the stage: how it is doing, where that is measured. */
  get health(): StageHealth | undefined {
    return this.#network?.health;
  }

  /** In the audience: how good what arrives is, while something does. */
  get lineQuality(): LineGrade | undefined {
    return this.#line?.();
  }

  /** On the stage: whether somebody of the audience can be brought up. */
  get takesGuests(): boolean {
    return this.#network?.takesGuests ?? false;
  }

  /** On the stage: who of the audience is asked up, or there. */
  get guest(): string | undefined {
    return this.#terms.guest;
  }

  /** In the audience, or in a call: whether we have raised our hand. */
  get handRaised(): boolean {
    return this.#handRaised;
  }

  /** In the audience: whether the stage asks us up, and we have not answered. */
  get isInvited(): boolean {
    return this.#isAsked && this.#answer === undefined;
  }

  /** In the audience: whether we have come up. */
  get isGuest(): boolean {
    return this.#isAsked && this.#answer === true;
  }

  /** What the stage is told of us, as a viewer; the others, in a call. */
  get answer(): {readonly hand?: boolean; readonly guest?: boolean} {
    return this.#mode === 'watch'
      ? {
          hand: this.#handRaised,
          ...(this.#isAsked && this.#answer !== undefined && {guest: this.#answer}),
        }
      : {...(this.#handRaised && {hand: true})};
  }

  /** On the stage: a break, and its end. */
  pause(on = !this.#terms.paused): void {
    this.#decide({paused: on});
  }

  /** On the stage: lets the audience chat, or not. */
  openChat(on = !this.#terms.chat): void {
    this.#decide({chat: on});
  }

  /** On the stage: lets the audience record, or not. */
  allowRecording(on = !this.#terms.record): void {
    this.#decide({record: on});
  }

  /** On the stage: asks a viewer up; whoever is there goes back. */
  invite(id: string): void {
    this.#decide({guest: id});
  }

  /** On the stage: sends the guest back to the audience. */
  sendBack(): void {
    this.#decide({guest: undefined});
  }

  /** In the audience, or in a call: raises our hand, or takes it down. */
  raiseHand(on = !this.#handRaised): void {
    this.#handRaised = on;
    this.#changed();
  }

  /** In the audience: comes up to the stage, with camera and microphone; or does not. */
  answerInvitation(comes: boolean): void {
    if (this.#isAsked) {
      this.#answer = comes;
      this.#handRaised = false;
      this.#changed();
    }
  }

  /** In the audience: goes back by ourselves. */
  goBack(): void {
    this.answerInvitation(false);
  }

  /** For the session only: what the stage has decided, for the page after this one. */
  get terms(): Omit<ShowTerms, 'guest'> {
    const {paused, chat, record} = this.#terms;
    return {paused, chat, record};
  }

  /** For the session only: what the page before this one had decided. */
  restore(terms: Omit<ShowTerms, 'guest'>): void {
    this.#terms = {...terms, guest: undefined};
  }

  /** For the session only: a call begins, or ends. */
  connect(
    mode: string,
    network?: Network,
    {
      startedAt,
      viewers,
      line,
    }: {
      startedAt?: number;
      viewers?: () => number;
      line?: (() => LineGrade | undefined) | undefined;
    } = {},
  ): void {
    this.#mode = mode;
    this.#network = network;
    this.#viewersOf = viewers;
    this.#line = line;
    this.#startedAt = mode === 'broadcast' && network ? startedAt : undefined;
    this.#handRaised = false;
    this.#answer = undefined;
    // What was decided before the show counts in it; the guest is gone with the last one.
    this.#terms = {
      ...this.#terms,
      paused: this.#terms.paused && network !== undefined,
      guest: undefined,
    };
    network?.setShow?.(this.#terms);
  }

  /** For the session only: the network has changed. */
  follow(): void {
    const {show} = this.#network ?? {};
    if (this.#mode === 'watch') {
      const startedAt = show && Date.now() - show.sinceMs;
      // The way takes its time, and not always the same.
      const isSame = Math.abs((this.#startedAt ?? 0) - (startedAt ?? 0)) < 2_000;
      this.#startedAt = startedAt && isSame ? this.#startedAt : startedAt;
      if (!this.#isAsked) {
        this.#answer = undefined;
      }
    } else if (this.#terms.guest !== undefined) {
      const {guest} = this.#terms;
      const member = this.#network?.members.find(({id}) => id === guest);
      // Gone, or does not want to.
      if (!member || member.state?.guest === false) {
        this.sendBack();
      }
    }
  }

  get #isAsked(): boolean {
    return this.#network?.show?.invited ?? false;
  }

  #decide(terms: Partial<ShowTerms>) {
    this.#terms = {...this.#terms, ...terms};
    this.#network?.setShow?.(this.#terms);
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}
