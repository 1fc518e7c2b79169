import {ContextProvider} from '@lit/context';
import {html, LitElement, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property, query, state} from 'lit/decorators.js';
import {repeat} from 'lit/directives/repeat.js';
import type {Diagnosis} from '../core/diagnosis.js';
import {describe, RtcError} from '../core/errors.js';
import {wrongOverride, type TextOverrides} from '../locales/texts.js';
import {callContext} from '../session/call-context.js';
import {serverOf} from '../session/call-options.js';
import {
  CallSession,
  type CallState,
  type ControlRequestEvent,
  type Panel,
  type ViewRequestEvent,
} from '../session/call-session.js';
import {isInCall} from '../session/call-state.js';
import {DiagnosisController} from '../session/diagnosis-controller.js';
import {isLayout} from '../session/layout.js';
import type {Participant} from '../session/participant.js';
import {Announcer} from './announcer.js';
import {announceChange, announceJoined, announceLeft, type CallView} from './call-announcements.js';
import {diagnosisStyles, renderDiagnosis} from './call-diagnosis.js';
import {recordingStyles, renderRecording} from './call-recording.js';
import {CallBadge} from './call-badge.js';
import {lobbyStyles, renderLobby} from './call-lobby.js';
import {CallPip} from './call-pip.js';
import {ChatNews} from './chat-news.js';
import {defaultControls, isWrittenIn, lobbyControls} from './control-list.js';
import {DropController, dropStyles} from './drop-controller.js';
import {
  RtcErrorEvent,
  RtcInvitedEvent,
  RtcJoinedEvent,
  RtcLeftEvent,
  RtcMessageEvent,
  RtcParticipantChangeEvent,
  RtcParticipantJoinedEvent,
  RtcParticipantLeftEvent,
  RtcStateChangeEvent,
} from './events.js';
import {
  renderEnd,
  renderInvitation,
  renderLeftRecording,
  renderSide,
  renderWaiting,
  showStyles,
  wordsFor,
} from './call-show.js';
import {exportedParts} from './exported-parts.js';
import {IconSlots} from './icon-slots.js';
import {closeIcon, warningIcon} from './icons.js';
import {IdleController} from './idle-controller.js';
import {callStyles} from './rtc-call.styles.js';
import {RtcRequestEvent, type RtcControls} from './rtc-controls.js';
import './rtc-live.js';
import type {RtcStage} from './rtc-stage.js';
import './rtc-stage.js';
import {States} from './states.js';
import {TextsController} from './texts-controller.js';
import {iconButton, theme, wordButton} from './theme.styles.js';

/** What the built-in interface shows. */
type View = 'lobby' | 'joining' | 'waiting' | 'call' | 'failed' | 'left';

/** What the session is told when it changes. */
const options = [
  'room',
  'name',
  'broker',
  'mode',
  'audioOnly',
  'audioMode',
  'whip',
  'whep',
  'livekit',
  'livekitClient',
  'token',
  'poster',
  'maxParticipants',
  'rtcConfiguration',
  'relayOnly',
  'reconnectTimeout',
  'resume',
  'stream',
  'texts',
] as const;

const doubleClickMs = 500;

/**
 * A call: everybody with the same `room` on the same `broker` meets. Shows a
 * lobby, the people and the buttons; or, with elements of yours inside, only
 * those, to which it provides the call. With `mode`, the stage of a broadcast
 * or a place in its audience.
 *
 * @fires {RtcStateChangeEvent} rtc-state-change - The call went to another `state`.
 * @fires {RtcJoinedEvent} rtc-joined - We are in the call now.
 * @fires {RtcLeftEvent} rtc-left - We are no longer in the call; `reason` says why.
 * @fires {RtcParticipantJoinedEvent} rtc-participant-joined - Somebody came: `participant`.
 * @fires {RtcParticipantLeftEvent} rtc-participant-left - Somebody went: `participant`, `reason`.
 * @fires {RtcParticipantChangeEvent} rtc-participant-change - Something about somebody changed: `participant`.
 * @fires {RtcMessageEvent} rtc-message - Somebody sent `data`: see `from`.
 * @fires {RtcInvitedEvent} rtc-invited - The stage asks us up: `accept()` or `decline()`; cancelable, to ask the person in your own way.
 * @fires {RtcErrorEvent} rtc-error - Something went wrong: `error`.
 * @slot - Elements of yours in place of the built-in interface.
 * @slot lobby - Instead of the form before the call; call `join()` from there.
 * @slot waiting - Instead of what is said before anybody else has come, or there is a stage: a countdown, say.
 * @slot empty - Instead of what is said when everybody else has left the call.
 * @slot ended - Instead of what is said after the end.
 * @slot participant-ID - Anything to show over the tile of that participant; `participant-self` for oneself.
 * @slot captions-ID - What that participant says, in writing; `captions-self` for oneself.
 * @slot controls-start - Buttons of your own, before the built-in ones.
 * @slot controls-end - Buttons of your own, after the built-in ones.
 * @slot icon-NAME - An icon in place of ours, for the button of that name; see `<rtc-controls>`.
 * @cssstate idle - As `state`; likewise `joining`, `joined`, `reconnecting`, `failed`.
 * @cssstate lobby - Before a call.
 * @cssstate waiting - In the call, before anybody else, or in the audience, before there is a stage.
 * @cssstate left - Out of a call that was joined.
 * @cssstate alone - In the call, and nobody else is.
 * @cssstate muted - In the call, with the microphone off.
 * @cssstate camera-off - In the call, with the camera off.
 * @cssstate recording - Somebody records the call.
 * @cssstate sharing - Sharing the screen.
 * @cssstate presenting - Somebody else shares a screen.
 * @csspart call - The built-in interface.
 * @csspart stage - The people and their screens (an `<rtc-stage>`).
 * @csspart tiles - The box with the tiles.
 * @csspart tile - Every tile (an `<rtc-video>`); also `featured` for a large one, `small` for oneself in a corner, `pinned`.
 * @csspart controls - The toolbar (an `<rtc-controls>`).
 * @csspart toolbar - The row of its buttons.
 * @csspart control-button - Every button of the toolbar; also `mic`, `camera`, `screen`, `leave` and the others by their names: `::part(control-button chat)`; `talking`, `count`, `volume`, `more`.
 * @csspart menu - A menu of the toolbar; also `menu-item`, `key`, `tooltip`, `muted-hint`.
 * @csspart video - The picture of a tile; also `avatar`, `tile-body`, `tile-label`, `tile-name`, `tile-muted`, `tile-hand`, `tile-speaking`, `tile-error`, `reaction`, `badge`, `quality`, `quality-details`, `captions`, `play`.
 * @csspart pin - The button on a tile that pins it.
 * @csspart move - The button that puts oneself into another corner.
 * @csspart pager - The buttons that turn pages.
 * @csspart poster - The image before there is a stage (`poster`).
 * @csspart recording - Who records the call.
 * @csspart live - How a broadcast is doing (an `<rtc-live>`); also `live-badge`, `viewers`, `health`, `line`.
 * @csspart side - What stands beside the picture: `chat` (an `<rtc-chat>`), `audience` (an `<rtc-audience>`) or `devices` (an `<rtc-devices>`).
 * @csspart chat-message - A line of the chat, also `chat-own`; and `chat-list`, `chat-author`, `chat-time`, `chat-divider`, `chat-empty`, `chat-file`, `file-name`, `file-state`, `file-button`, `file-progress`, `chat-newest`, `chat-problem`, `chat-input`, `chat-add`, `chat-send`, `chat-drop`.
 * @csspart devices-field - A menu of devices and its name; also `devices-menu`, `devices-level`, `devices-hint`, `switch`.
 * @csspart audience-list - The audience; also `viewer`, `switch`.
 * @csspart panel - The lobby form, or what is said while there is no call to see.
 * @csspart title - Every headline.
 * @csspart close - What closes a panel or a notice.
 * @csspart question - What is asked before a show ends, or a recording is discarded.
 * @csspart notice - A line about a passing trouble.
 * @csspart name - The name field of the lobby.
 * @csspart inside - Who is in the call already, in the lobby.
 * @csspart help - What to do when camera or microphone are blocked, in the lobby.
 * @csspart level - The level of the microphone, in the lobby (an `<rtc-level>`); also `level-meter`, `level-bar`.
 * @csspart diagnosis - The window that says why the call does not work.
 * @csspart button - Every button with words on it.
 * @cssprop [--rtc-accent=#2259d6] - Colour of what is to be pressed, and of what is on.
 * @cssprop [--rtc-accent-text] - Colour of text on the accent; black or white, as can be read.
 * @cssprop [--rtc-danger=#c8243a] - Colour of what ends the call, and of trouble.
 * @cssprop [--rtc-speaking=#35c27f] - Colour of the ring around who speaks.
 * @cssprop [--rtc-background] - Behind everything; follows accent and colour scheme.
 * @cssprop [--rtc-surface] - Fields, buttons, cards; follows accent and colour scheme.
 * @cssprop [--rtc-text] - Text; follows the colour scheme.
 * @cssprop [--rtc-tile-background=#1b212b] - What is behind a picture that does not fill its tile.
 * @cssprop [--rtc-scheme=light dark] - The colour scheme: `light` or `dark`; both follow the system.
 * @cssprop [--rtc-radius=0.75rem] - Rounding of the corners.
 * @cssprop [--rtc-gap=0.5rem] - Space between the pieces.
 * @cssprop [--rtc-font=system-ui] - Typeface.
 * @cssprop [--rtc-scale] - Size of text, buttons and spaces; 1, and more on a large screen.
 */
export class RtcCall extends LitElement {
  static override styles = [
    theme,
    wordButton,
    iconButton,
    callStyles,
    lobbyStyles,
    diagnosisStyles,
    showStyles,
    recordingStyles,
    dropStyles,
  ];

  /** Everybody with the same room on the same broker meets. */
  @property() room = '';

  /** The name shown to the others. */
  @property() name = '';

  /** `call`; `broadcast` for the stage that all others in the room watch, `watch` for those. */
  @property() mode = 'call';

  /** URL of a PeerServer, `https://host:port/path?key=k`; without it the public PeerJS broker. */
  @property() broker: string | undefined;

  /** Joins without the lobby, as soon as the element stands in the page and has a room. */
  @property({type: Boolean}) autojoin = false;

  /** Whether the microphone is off: at the start, and now. */
  @property({type: Boolean, attribute: 'mic-off', reflect: true})
  get micOff(): boolean {
    return this.session.self.micOff;
  }
  set micOff(off: boolean) {
    this.session.configure({micOff: off});
  }

  /** Whether the camera is off: at the start, and now. */
  @property({type: Boolean, attribute: 'camera-off', reflect: true})
  get cameraOff(): boolean {
    return this.session.self.cameraOff;
  }
  set cameraOff(off: boolean) {
    this.session.configure({cameraOff: off});
  }

  /** Never asks for a camera. */
  @property({type: Boolean, attribute: 'audio-only'}) audioOnly = false;

  /** `speech`; or `music`: sound as it is, in stereo, with more bits. */
  @property({attribute: 'audio-mode'}) audioMode = 'speech';

  /** How many people fit in a call, 2 to 16 (8 without); how many viewers a stage has, 1 to 200 (30 without). */
  @property({
    type: Number,
    attribute: 'max-participants',
    converter: (value) => (value === null ? undefined : Number(value)),
  })
  maxParticipants: number | undefined;

  /** URL of a WHIP endpoint: the stage sends to that media server instead of to each viewer. */
  @property() whip: string | undefined;

  /** URL of a WHEP endpoint: the audience gets the stage from that media server. */
  @property() whep: string | undefined;

  /** URL of a LiveKit server, `wss://…`: the call goes through that, for more people than everybody can send to. */
  @property() livekit: string | undefined;

  /** URL of the module `livekit-client`, for a page without a build. */
  @property({attribute: 'livekit-client'}) livekitClient: string | undefined;

  /** The token for the media server. */
  @property() token: string | undefined;

  /** URL of an image: in the audience shown before there is a stage, from a stage sent in a break. */
  @property() poster: string | undefined;

  /**
   * A call goes on when the page is loaded again, or another page of this site that has the
   * same call is opened in the tab: without the lobby, as the same person.
   */
  @property({type: Boolean}) resume = false;

  /** For how many seconds somebody who cannot be reached keeps their place, if they may come back. */
  @property({
    type: Number,
    attribute: 'reconnect-timeout',
    converter: (value) => (value === null ? 60 : Number(value)),
  })
  reconnectTimeout = 60;

  /** Hides the participants' addresses: media goes through the TURN servers of `rtcConfiguration` only. */
  @property({type: Boolean, attribute: 'relay-only'}) relayOnly = false;

  /** The buttons of the toolbar, see `<rtc-controls>`. */
  @property() controls: string | undefined;

  /** No letter presses a button of the toolbar, see `<rtc-controls>`. */
  @property({type: Boolean, attribute: 'no-shortcuts'}) noShortcuts = false;

  /** `auto`: a grid of a few, of more who speaks large; `grid`, `speaker`. */
  @property({reflect: true})
  get layout(): string {
    return this.session.layout;
  }
  set layout(layout: string) {
    if (isLayout(layout)) {
      this.session.setLayout(layout);
    } else {
      this.#refuse(`layout="${String(layout).slice(0, 80)}"`);
    }
  }

  /** Leaves title and icon of the page alone while it is out of sight. */
  @property({type: Boolean, attribute: 'no-badge'}) noBadge = false;

  /** An `RTCConfiguration`, or a function that gives one whenever connections are made (TURN credentials). */
  @property({attribute: false})
  rtcConfiguration:
    RTCConfiguration | (() => RTCConfiguration | Promise<RTCConfiguration>) | undefined;

  /** Sent instead of camera and microphone: a file, a canvas, a mixer. */
  @property({attribute: false}) stream: MediaStream | undefined;

  /** Texts of your own in place of ours, by path: `{'call.join': 'Enter'}`. */
  @property({attribute: false}) texts: TextOverrides | undefined;

  /** The call itself, for pages that draw everything on their own. */
  readonly session = new CallSession();

  @state() private hasOwnContent = false;
  /** Whether to ask the person about an invitation. */
  @state() private asks = false;

  @query('dialog.diagnosis') private readonly dialog!: HTMLDialogElement | null;

  readonly #texts = new TextsController(this, () => this.texts);
  readonly #diagnosis = new DiagnosisController(this, this.session);
  readonly #states = new States(this);
  readonly #icons = new IconSlots(this);
  readonly #announcer = new Announcer(this);
  readonly #news = new ChatNews();
  readonly #drop = new DropController(this, {
    isOpen: () => this.#hasChat && this.session.files.isOpen,
    take: (files) => this.#offer(files),
  });
  readonly #pip = new CallPip(
    this,
    this.#texts,
    () => this.renderRoot.querySelector<RtcStage>('.stage')?.mainTile,
  );
  readonly #idle = new IdleController(this, {
    isBusy: () => this.renderRoot.querySelector<RtcControls>('.bar')?.isBusy ?? false,
  });
  readonly #sight = new IntersectionObserver((entries) => this.#watchSight(entries));
  #shown: CallView = this.#moment();
  #autojoined = false;
  #resuming = false;
  #previewing = false;
  #visible = false;
  #hadFocus = false;
  /** Whether anybody else has been in this call. */
  #hadCompany = false;
  #scene: View | undefined;
  #panel: Panel | undefined;
  #isInvited = false;
  #invitation: RtcInvitedEvent | undefined;
  #askedAt = 0;

  constructor() {
    super();
    new CallBadge(this);
    new ContextProvider(this, {context: callContext, initialValue: this.session});
    this.#markState();
    this.#listen();
  }

  /** `idle`, `joining`, `joined`, `reconnecting` or `failed`. */
  get state(): CallState['phase'] {
    return this.session.state.phase;
  }

  /** What went wrong: why the call failed, or the last trouble on the way. */
  get error(): RtcError | undefined {
    const {state} = this.session;
    return state.phase === 'failed' ? state.error : this.session.notice;
  }

  /** Oneself. */
  get self(): Participant {
    return this.session.self;
  }

  /** The others. */
  get participants(): readonly Participant[] {
    return this.session.participants;
  }

  override connectedCallback() {
    super.connectedCallback();
    this.#sight.observe(this);
    this.requestUpdate();
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#sight.disconnect();
    // Out of the document it would stay open, but cover nothing.
    for (const dialog of this.renderRoot.querySelectorAll('dialog')) {
      dialog.close();
    }
    // A move in the document disconnects and connects again: only hang up when
    // the element is still gone a microtask later.
    queueMicrotask(() => {
      if (!this.isConnected) {
        this.#autojoined = false;
        this.#visible = false;
        this.session.leave();
        this.#preview();
      }
    });
  }

  /** Joins the room. Does nothing in a call. Never rejects: failure is a `state`. */
  join(): Promise<void> {
    if (this.isConnected && !this.hasUpdated) {
      // Takes over what was set before the upgrade.
      this.performUpdate();
    }
    this.#configure();
    return this.session.join();
  }

  /** Hangs up. Does nothing outside a call. */
  leave(): void {
    this.session.leave();
  }

  /** Turns the microphone on or off; with `force`, on if true. */
  toggleMic(force?: boolean): Promise<void> {
    return this.session.toggleMic(force);
  }

  /** Turns the camera on or off; with `force`, on if true. */
  toggleCamera(force?: boolean): Promise<void> {
    return this.session.toggleCamera(force);
  }

  /** Starts or stops sharing the screen; with `force`, starts if true. */
  toggleScreen(force?: boolean): Promise<void> {
    return this.session.toggleScreen(force);
  }

  /** Sends any JSON value or binary data to everybody, or to one participant's id. */
  send(data: unknown, to?: string): void {
    this.session.send(data, to);
  }

  /**
   * Records the call, which everybody is told; or what goes over the stage: on the stage, and in the audience if the
   * stage allows it. To disk. To be called in a click. Trouble is an `rtc-error`.
   */
  startRecording(): Promise<void> {
    return this.session.recording.start(this.room ?? '');
  }

  /** Ends the recording, and gives it to the person as a file. */
  stopRecording(): Promise<void> {
    return this.session.recording.stop();
  }

  /** What the browser measures of each link, by participant's id. Empty outside a call. */
  getStats(): Promise<ReadonlyMap<string, RTCStatsReport>> {
    return this.session.getStats();
  }

  /** Finds out why the call works or does not; takes some seconds. Asks the person nothing. */
  diagnose(): Promise<Diagnosis> {
    if (!this.#inCall) {
      this.#configure();
    }
    return this.session.diagnose({lang: this.#texts.lang});
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    this.#hadFocus = this.hasUpdated && this.matches(':focus-within');
    this.hasOwnContent = Array.from(this.children).some(
      (child) => !child.slot && !child.matches('script, style, template, noscript, br'),
    );
    const {room, mode} = this.session.options;
    const moved = this.#inCall && (room !== (this.room ?? '') || mode !== (this.mode ?? 'call'));
    if (moved) {
      // First: what was opened for a stage is not for who watches.
      this.session.leave();
    }
    if (options.some((name) => changed.has(name))) {
      this.#configure();
    }
    const wrongText = changed.has('texts') && this.texts && wrongOverride(this.texts);
    if (wrongText) {
      this.#refuse(`texts: ${wrongText.slice(0, 80)}`);
    }
    if (changed.has('mode')) {
      void this.session.recording.findLeft();
    }
    if (moved) {
      void this.session.join();
    } else if (this.#resumes) {
      const orJoin = this.#autojoins;
      this.#autojoined = true;
      this.#resuming = true;
      void this.session.resume({orJoin}).then(() => {
        this.#resuming = false;
        this.requestUpdate();
      });
    } else if (this.#autojoins || (this.#misses && options.some((name) => changed.has(name)))) {
      this.#autojoined = true;
      void this.session.join();
    }
  }

  protected override render(): TemplateResult {
    return html`
      <slot ?hidden=${!this.hasOwnContent} @slotchange=${() => this.requestUpdate()}></slot>
      ${this.hasOwnContent ? nothing : this.#renderCall()}
      <div class="announcer" role="status" aria-live="polite">${this.#announcer.text}</div>
    `;
  }

  #renderCall() {
    const view = this.#view;
    const {role} = this.session.broadcast;
    const isDoor = view === 'lobby' && role === 'viewer';
    const bare = view === 'failed' || view === 'left';
    const side = bare || view === 'lobby' ? nothing : renderSide(this.session, this.#texts.texts);
    return html`
      <div class="frame" dir=${this.#texts.dir}>
        <div
          part="call"
          class="call themed ${view} ${role === 'viewer' ? 'watch' : ''} ${side === nothing ? '' : 'sided'} ${this.#idle.isIdle ? 'idle' : ''}"
          role="region"
          aria-label=${this.#words.label}
        >
          ${this.#renderNotice()} ${renderLeftRecording(this.session, this.#texts)}
          ${bare ? nothing : this.#renderStage()}
          <rtc-controls
            part="controls"
            exportparts=${exportedParts.controls}
            class="bar"
            .controls=${view === 'lobby' ? lobbyControls(this.controls ?? defaultControls(this.mode)) : (this.controls ?? undefined)}
            .noShortcuts=${this.noShortcuts}
            ?hidden=${bare || isDoor || view === 'joining'}
            @rtc-leave-request=${this.#askBeforeEnd}
          >
            <slot name="controls-start" slot="start"></slot>
            <slot name="controls-end" slot="end"></slot>
            ${this.#icons.render()}
          </rtc-controls>
          ${this.#renderPanel(view)}
          ${this.asks ? renderInvitation(this.#texts.texts, this.#answer) : nothing} ${side}
          ${this.#drop.render('chat-drop', this.#texts.texts.files.drop)}
        </div>
        ${
          role === 'stage'
            ? renderEnd(this.session, this.#texts.texts, {
                press: (event) => this.#end(event),
                close: (event) => this.#closeEnd(event),
              })
            : nothing
        }
        ${renderDiagnosis(this.#diagnosis, this.#texts, () => this.#closeDiagnosis())}
      </div>
    `;
  }

  #renderNotice() {
    const texts = this.#texts.texts.call;
    if (this.session.state.phase === 'reconnecting') {
      return html`<div part="notice" class="notice">
        <span class="spinner"></span>
        <p>${texts.reconnecting}</p>
        ${this.#renderFindOut()}
      </div>`;
    }
    const {notice, help, state} = this.session;
    // Our lobby shows more of it, and what to do.
    const isTold =
      help !== undefined && this.#view === 'lobby' && !this.querySelector(':scope > [slot=lobby]');
    if (notice && isTold) {
      return html`<div class="announcer" role="alert">${this.#describe(notice)}</div>`;
    }
    return notice && state.phase !== 'failed'
      ? html`<div part="notice" class="notice" role="alert">
          ${warningIcon}
          <p>${this.#describe(notice)}</p>
          ${this.#renderFindOut(notice)}
          <button
            part="close"
            class="bare close"
            type="button"
            aria-label=${texts.dismiss}
            title=${texts.dismiss}
            @click=${() => this.session.dismissNotice()}
          >
            ${closeIcon}
          </button>
        </div>`
      : nothing;
  }

  #renderStage() {
    const {poster, participants} = this;
    const {role, isLive} = this.session.broadcast;
    return html`
      ${
        poster && this.#view !== 'call' && role === 'viewer'
          ? html`<img part="poster" class="poster" src=${poster} alt="" />`
          : nothing
      }
      <rtc-stage part="stage" exportparts=${exportedParts.stage} class="stage">
        ${isLive ? html`<rtc-live part="live" exportparts=${exportedParts.live} slot="status"></rtc-live>` : nothing}
        ${renderRecording(this.session, this.#texts)}
        ${repeat(
          [...participants.map(({id}) => id), 'self'],
          (id) => id,
          (id) => html`
            <slot name="participant-${id}" slot="participant-${id}"></slot>
            <slot name="captions-${id}" slot="captions-${id}"></slot>
          `,
        )}
      </rtc-stage>
    `;
  }

  #renderPanel(view: View) {
    const texts = this.#words;
    switch (view) {
      case 'lobby':
        return html`<slot name="lobby">${this.#renderLobby()}</slot>`;
      case 'joining':
        return html`<div part="panel" class="panel" role="status">
          <h2 part="title"><span class="spinner"></span>${texts.joining}</h2>
          ${texts.joiningHint && this.#awaitsDevices ? html`<p>${texts.joiningHint}</p>` : nothing}
          ${this.#renderButton(texts.cancel, this.#leave, 'plain')}
        </div>`;
      case 'waiting':
        return this.session.broadcast.role
          ? html`<div part="panel" class="panel" role="status">
              ${renderWaiting(this.session, this.#texts.texts)}
            </div>`
          : html`<div part="panel" class="panel">${this.#renderAlone()}</div>`;
      case 'failed':
        return html`<div part="panel" class="panel" role="alert">
          ${warningIcon}
          <h2 part="title">${texts.failed}</h2>
          <p>${this.error ? this.#describe(this.error) : nothing}</p>
          ${this.#renderButton(texts.tryAgain, this.#join)} ${this.#renderFindOut(this.error)}
        </div>`;
      case 'left':
        return html`<div part="panel" class="panel">
          <slot name="ended"><h2 part="title">${this.#hungUp ? texts.left : texts.ended}</h2></slot>
          ${this.#renderButton(texts.joinAgain, this.#join)}
        </div>`;
      case 'call':
        return nothing;
    }
  }

  /** Nobody has come yet, or everybody has gone. */
  #renderAlone() {
    const {waiting, waitingHint, alone, aloneHint} = this.#words;
    return this.#hadCompany
      ? html`<slot name="empty"
          ><h2 part="title">${alone}</h2>
          <p>${aloneHint}</p></slot
        >`
      : html`<slot name="waiting">
          <h2 part="title"><span class="spinner"></span>${waiting}</h2>
          <p>${waitingHint}</p>
        </slot>`;
  }

  #renderLobby() {
    return renderLobby(this.session, this.#texts.texts, this.#words, {
      name: this.name ?? '',
      rename: (name) => (this.name = name),
      join: () => void this.join(),
    });
  }

  /** Not for errors that say it all. */
  #renderFindOut(error?: RtcError) {
    return !error || /^(broker|connection|device|permission)-/.test(error.code)
      ? this.#renderButton(this.#texts.texts.diagnosis.find, this.#findOut, 'plain')
      : nothing;
  }

  #renderButton(text: string, press: (event: Event) => void, look = '') {
    return html`<button part="button" class="word ${look}" type="button" @click=${press}>
      ${text}
    </button>`;
  }

  protected override updated(changed: PropertyValues) {
    this.#preview();
    this.#followFocus({isAsked: this.asks && changed.has('asks') && !changed.get('asks')});
  }

  /** Who opens the chat wants to write; who is asked something, answer; and nobody wants to be nowhere. */
  #followFocus({isAsked}: {isAsked: boolean}) {
    const scene = this.#view === 'waiting' ? 'call' : this.#view;
    const {panel} = this.session;
    const isNew = {
      scene: scene !== this.#scene,
      chat: panel === 'chat' && panel !== this.#panel,
    };
    this.#scene = scene;
    this.#panel = panel;
    if (isAsked && this.#mayTakeFocus) {
      this.renderRoot.querySelector<HTMLElement>('.invitation')?.focus();
    } else if (isAsked && !this.hasOwnContent) {
      const {invited, invitedHint} = this.#texts.texts.show;
      this.#announcer.say(`${invited}. ${invitedHint}`);
    } else if (isNew.chat && this.#hadFocus) {
      const chat = this.renderRoot.querySelector('rtc-chat');
      void chat?.updateComplete.then(() => chat.focus());
    } else if (this.#hadFocus && (isNew.scene || !this.matches(':focus-within'))) {
      this.#focusNext();
    }
  }

  /** Not from a text that is being written, nor from the rest of the page. */
  get #mayTakeFocus(): boolean {
    const element = focused();
    return (
      !element ||
      element === document.body ||
      (this.#hadFocus && (!isWrittenIn(element) || element.matches('[type=range]')))
    );
  }

  /** What had the focus is gone: goes on with what came in its place. */
  #focusNext() {
    const find = (next: string) => this.renderRoot.querySelector<HTMLElement>(next);
    const bar = find('.bar:not([hidden])') as RtcControls | null;
    const word = find('.call > .panel:not(.invitation) .word');
    if (word) {
      word.focus();
    } else {
      // Other buttons may be about to come.
      void bar?.updateComplete.then(() => bar.focus());
    }
  }

  get #view(): View {
    const {state} = this.session;
    switch (state.phase) {
      case 'idle':
        return state.reason ? 'left' : 'lobby';
      case 'joining':
      case 'failed':
        return state.phase;
      default:
        return this.session.broadcast.role === 'stage' || this.participants.length > 0
          ? 'call'
          : 'waiting';
    }
  }

  get #hungUp(): boolean {
    const {state} = this.session;
    return state.phase === 'idle' && state.reason === 'left';
  }

  get #inCall(): boolean {
    return !['idle', 'failed'].includes(this.state);
  }

  get #autojoins(): boolean {
    const named = this.room || this.hasAttribute('room');
    return this.autojoin && !this.#autojoined && this.isConnected && !!named;
  }

  /** Whether to see, once, if the page before this one was in the call. */
  get #resumes(): boolean {
    return this.resume && !this.#autojoined && this.isConnected && !!this.room && !this.#inCall;
  }

  /** Whether it would have joined by itself, had an attribute not been wrong. */
  get #misses(): boolean {
    const {state} = this.session;
    return this.autojoin && state.phase === 'failed' && state.error.code === 'bad-attribute';
  }

  /** Whether the chat can be opened here. */
  get #hasChat(): boolean {
    const controls = this.controls ?? defaultControls(this.mode);
    return !this.hasOwnContent && controls.split(/\s+/).includes('chat');
  }

  /** The words of this kind of call. */
  get #words() {
    return wordsFor(this.#texts.texts, this.mode);
  }

  #configure() {
    this.session.configure({
      room: this.room ?? '',
      name: this.name ?? '',
      broker: this.broker ?? undefined,
      mode: this.mode ?? 'call',
      audioOnly: this.audioOnly,
      audioMode: this.audioMode ?? 'speech',
      maxParticipants: this.maxParticipants ?? undefined,
      whip: this.whip ?? undefined,
      whep: this.whep ?? undefined,
      livekit: this.livekit ?? undefined,
      livekitClient: this.livekitClient ?? undefined,
      token: this.token ?? undefined,
      poster: this.poster ?? undefined,
      rtcConfiguration: this.rtcConfiguration ?? undefined,
      relayOnly: this.relayOnly,
      reconnectTimeoutMs: this.reconnectTimeout * 1_000,
      resume: this.resume,
      stream: this.stream ?? undefined,
      texts: this.texts ?? undefined,
    });
  }

  #listen() {
    const {session} = this;
    session.addEventListener('change', () => this.#changed());
    session.addEventListener('joined', () => this.dispatchEvent(new RtcJoinedEvent()));
    session.addEventListener('left', ({reason}) => this.dispatchEvent(new RtcLeftEvent(reason)));
    session.addEventListener('participant-joined', ({participant}) => {
      this.#announcer.say(announceJoined(participant, this.#texts.texts));
      this.dispatchEvent(new RtcParticipantJoinedEvent(participant));
    });
    session.addEventListener('participant-left', ({participant, reason}) => {
      this.#announcer.say(announceLeft(participant, reason, this.#texts.texts));
      this.dispatchEvent(new RtcParticipantLeftEvent(participant, reason));
    });
    session.addEventListener('message', ({data, from}) =>
      this.dispatchEvent(new RtcMessageEvent(data, from)),
    );
    session.addEventListener('error', ({error}) => this.dispatchEvent(new RtcErrorEvent(error)));
    session.addEventListener('view-request', ({view}) => this.#show(view));
    session.addEventListener('control-request', (event) => this.#pressFor(event));
  }

  /** As if the button of the toolbar were pressed: whoever asks before something happens is asked. */
  #pressFor(event: ControlRequestEvent) {
    const toolbar = this.shadowRoot?.querySelector('rtc-controls') ?? this;
    if (!toolbar.dispatchEvent(new RtcRequestEvent(event.control, event.on))) {
      event.preventDefault();
      window.focus();
    }
  }

  /** In a click. A browser that does not want to is not argued with. */
  #show(view: ViewRequestEvent['view']) {
    if (view === 'pip') {
      this.#pip.toggle();
    } else if (document.fullscreenElement === this) {
      document.exitFullscreen().catch(() => undefined);
    } else {
      this.requestFullscreen?.().catch(() => undefined);
    }
  }

  #changed() {
    const before = this.#shown;
    const now = this.#moment();
    this.#shown = now;
    this.requestUpdate();
    if (now.self.name !== before.self.name) {
      // The name of the page before, when a call is resumed.
      this.name = this.session.options.name;
    }
    this.requestUpdate('micOff', before.self.micOff);
    this.requestUpdate('cameraOff', before.self.cameraOff);
    this.requestUpdate('layout', before.layout);
    this.#hadCompany = this.#inCall && (this.#hadCompany || now.participants.length > 0);
    const {state} = now;
    if (state.phase !== before.state.phase && !this.#inCall) {
      // What was said of the call holds no longer.
      this.#announcer.clear();
      const {left, ended} = this.#words;
      this.#announcer.say(
        state.phase === 'idle' && state.reason ? (this.#hungUp ? left : ended) : '',
      );
    }
    for (const sentence of announceChange(before, now, this.#texts.texts)) {
      this.#announcer.say(sentence);
    }
    for (const [kind, sentence] of this.#news.look(this.session, this.#texts.texts)) {
      // Who has the chat before them hears it there.
      if (!this.session.chat.readers.size) {
        this.#announcer.say(sentence, kind);
      }
    }
    this.#followInvitation();
    this.#markState();
    if (now.state.phase !== before.state.phase) {
      this.dispatchEvent(new RtcStateChangeEvent(now.state.phase));
    }
    for (const person of now.participants) {
      const old = before.participants.find(({id}) => id === person.id);
      if (old && differs(old, person)) {
        this.dispatchEvent(new RtcParticipantChangeEvent(person));
      }
    }
  }

  #followInvitation() {
    const {isInvited} = this.session.broadcast;
    if (isInvited === this.#isInvited) {
      return;
    }
    this.#isInvited = isInvited;
    if (isInvited) {
      const invitation: RtcInvitedEvent = new RtcInvitedEvent((comes) => {
        // The page may have kept one that was taken back.
        if (invitation === this.#invitation) {
          this.#answer(comes);
        }
      });
      this.#invitation = invitation;
      this.asks = this.dispatchEvent(invitation);
    }
    // It may have been answered in the event.
    this.asks &&= this.session.broadcast.isInvited;
  }

  readonly #answer = (comes: boolean) => this.session.broadcast.answerInvitation(comes);

  #moment(): CallView {
    const {state, self, participants, broadcast, layout} = this.session;
    const isOn = isInCall(state) && broadcast.isLive;
    const isPaused = isOn ? broadcast.isPaused : undefined;
    return {state, self, participants, layout, isPaused};
  }

  #markState() {
    const {self, participants} = this.session;
    const isIn = isInCall(this.session.state);
    this.#states.set({
      [this.state]: true,
      lobby: this.#view === 'lobby',
      waiting: this.#view === 'waiting',
      left: this.#view === 'left',
      alone: isIn && participants.length === 0,
      muted: isIn && self.micOff,
      'camera-off': isIn && self.cameraOff,
      recording: this.session.isRecorded,
      sharing: self.screen !== undefined,
      presenting: participants.some(({screen}) => screen),
    });
  }

  /** Shows oneself in the lobby, but opens no camera where nobody can see it. */
  #preview() {
    // Nor before it is known how we were in the call, if we were.
    const wanted =
      this.#visible &&
      !this.#resuming &&
      !this.hasOwnContent &&
      this.mode !== 'watch' &&
      // Who has called off what began by itself wants no camera.
      !(this.autojoin && this.#autojoined) &&
      this.#view === 'lobby' &&
      this.isConnected;
    if (wanted && !this.#previewing) {
      void this.session.preview();
    } else if (!wanted && this.#previewing && !this.#inCall) {
      this.session.stopPreview();
    }
    if (wanted !== this.#previewing) {
      this.session.watchDoor(wanted);
    }
    this.#previewing = wanted;
  }

  #watchSight(entries: IntersectionObserverEntry[]) {
    for (const {isIntersecting, boundingClientRect} of entries) {
      // Scrolled out of sight is still there; without a box it is hidden.
      this.#visible = isIntersecting || (this.#visible && boundingClientRect.width > 0);
    }
    this.#preview();
  }

  /** For what is wrong and does no harm: all else goes on. */
  #refuse(detail: string) {
    const {lang} = this.#texts;
    this.dispatchEvent(new RtcErrorEvent(new RtcError('bad-attribute', {detail, lang})));
  }

  #describe({code, detail}: RtcError) {
    if (code === 'broker-unreachable' && serverOf(this.session.options) !== undefined) {
      const {serverAway, tryingAgain} = this.#texts.texts.call;
      return this.#inCall ? `${serverAway} ${tryingAgain}` : serverAway;
    }
    return describe(code, detail, this.#texts.texts);
  }

  /** Whether a device that is wanted is not open yet: the browser may be asking. */
  get #awaitsDevices(): boolean {
    const {micOff, cameraOff, stream} = this.self;
    return (
      (!micOff && !stream?.getAudioTracks().length) ||
      (!cameraOff && !stream?.getVideoTracks().length)
    );
  }

  #join(event: Event) {
    event.preventDefault();
    void this.join();
  }

  #leave() {
    this.session.leave();
  }

  /** Where one sees what becomes of them. */
  #offer(files: readonly File[]) {
    this.session.openPanel('chat');
    void this.updateComplete.then(() => {
      const chat = this.renderRoot.querySelector('rtc-chat');
      void chat?.updateComplete.then(() => chat.offer(files));
    });
  }

  /** To end a show for all is more than to leave a call. */
  #askBeforeEnd(event: Event) {
    const {broadcast, state} = this.session;
    if (broadcast.role === 'stage' && broadcast.isLive && state.phase !== 'joining') {
      event.preventDefault();
      this.#askedAt = event.timeStamp;
      this.renderRoot.querySelector<HTMLDialogElement>('#end')?.showModal();
    }
  }

  #end(event: MouseEvent) {
    if (event.detail > 0 && event.timeStamp - this.#askedAt < doubleClickMs) {
      // Of a double click on the button that asks, which may stand just there. Keys count no clicks.
      event.preventDefault();
    }
  }

  /** Not before the dialog has given back the focus, which goes on from there. */
  #closeEnd({target}: Event) {
    const dialog = target as HTMLDialogElement;
    if (dialog.returnValue === 'yes') {
      dialog.returnValue = '';
      this.session.leave();
    } else {
      this.#leaveDialog();
    }
  }

  #findOut() {
    this.#diagnosis.open(this.error?.diagnosis);
    this.dialog?.showModal();
  }

  #closeDiagnosis() {
    this.#diagnosis.close();
    this.#leaveDialog();
  }

  #leaveDialog() {
    // Firefox may leave it on a button of the closed dialog.
    const active = this.shadowRoot?.activeElement;
    if (!active || active.closest('dialog')) {
      this.#focusNext();
    }
  }
}

/** What has the focus, shadow roots included. */
function focused(): Element | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) {
    element = element.shadowRoot.activeElement;
  }
  return element;
}

function differs(one: Participant, other: Participant) {
  return (Object.keys(other) as (keyof Participant)[]).some((key) => one[key] !== other[key]);
}

if (!customElements.get('rtc-call')) {
  customElements.define('rtc-call', RtcCall);
}

declare global {
  interface HTMLElementTagNameMap {
    'rtc-call': RtcCall;
  }
}
