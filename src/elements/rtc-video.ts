import {html, LitElement, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property, query, state} from 'lit/decorators.js';
import {classMap} from 'lit/directives/class-map.js';
import {live} from 'lit/directives/live.js';
import {repeat} from 'lit/directives/repeat.js';
import {describe, RtcError} from '../core/errors.js';
import {initials, toneOf} from '../core/initials.js';
import {format} from '../locales/texts.js';
import {playThrough} from '../rtc/speaker.js';
import {CallController} from '../session/call-controller.js';
import {LocalCapture} from '../session/local-capture.js';
import type {Participant} from '../session/participant.js';
import {RtcErrorEvent} from './events.js';
import {handIcon, micOffIcon, personIcon, playIcon, speakingIcon, warningIcon} from './icons.js';
import {tileNameOf} from './names.js';
import {QualityBadge, qualityBadgeStyles} from './quality-badge.js';
import {videoStyles} from './rtc-video.styles.js';
import {SoundController} from './sound-controller.js';
import {States} from './states.js';
import {TextsController} from './texts-controller.js';
import {iconButton, theme} from './theme.styles.js';

/** How much of a camera's picture is always shown, of 1: there may be a face in it. */
const leastShown = {width: 0.6, height: 0.8};
/** So many of one person are shown at once. */
const maxReactions = 3;

/** What a media element tells the world, told again by the tile. */
const mediaEvents = [
  'abort',
  'canplay',
  'canplaythrough',
  'emptied',
  'ended',
  'enterpictureinpicture',
  'error',
  'leavepictureinpicture',
  'loadeddata',
  'loadedmetadata',
  'loadstart',
  'pause',
  'play',
  'playing',
  'resize',
  'stalled',
  'suspend',
  'timeupdate',
  'volumechange',
  'waiting',
] as const;

/**
 * One picture: a participant of the call around it, a stream of your own, or
 * this device's camera. Shows name, badges, and an avatar where there is no
 * picture, and asks for a tap where the browser blocks playing.
 *
 * Dispatches the events of a media element (`playing`, `resize` …); like
 * theirs they do not bubble.
 *
 * @fires {RtcErrorEvent} rtc-error - The camera or microphone could not be opened (`capture`).
 * @slot - Anything to show over the picture.
 * @slot captions - What is said, to be read over the picture: above the name.
 * @csspart tile - The whole tile.
 * @csspart video - The picture.
 * @csspart avatar - What is shown where there is no picture.
 * @csspart label - Name and microphone badge.
 * @csspart muted - The badge of one whose microphone is off.
 * @csspart speaking - The badge of one who speaks.
 * @csspart hand - The badge of one who asks for the word.
 * @csspart name - The name.
 * @csspart reaction - What the person shows for a moment.
 * @csspart badge - The badge that tells about the connection.
 * @csspart quality - The button with bars, shown while the line is not good.
 * @csspart quality-details - Why it is not, when the button is pointed at, focused or pressed.
 * @csspart captions - Where captions stand.
 * @csspart play - The button shown when the browser blocks playing.
 * @csspart error - What went wrong with the camera.
 * @cssstate self - It shows oneself.
 * @cssstate screen - It shows a screen.
 * @cssstate speaking - The person speaks.
 * @cssstate mic-off - The person's microphone is off.
 * @cssstate camera-off - The person's camera is off.
 * @cssstate reconnecting - The person cannot be reached now.
 * @cssstate blocked - The browser does not let it play.
 * @cssprop [--rtc-radius=0.75rem] - Rounding of the corners.
 * @cssprop [--rtc-speaking=#35c27f] - Colour of the ring around who speaks.
 * @cssprop [--rtc-tile-background=#1b212b] - What is behind a picture that does not fill the tile.
 */
export class RtcVideo extends LitElement {
  static override styles = [theme, iconButton, videoStyles, qualityBadgeStyles];

  /** Whom to show: `self` or the id of a participant. */
  @property() participant = '';

  /** Which of their pictures. */
  @property() source: 'camera' | 'screen' = 'camera';

  /** The id of an `<rtc-call>` elsewhere; without it the call around the tile. */
  @property() for = '';

  /** Opens this device's camera and microphone and shows them, with no call at all. */
  @property({type: Boolean}) capture = false;

  /** Silences playback here, as in `<video>`. One's own picture is always silent. */
  @property({type: Boolean}) muted = false;

  /** Loudness of playback, 0 to 1. */
  @property({type: Number, converter: (value) => (value === null ? 1 : Number(value))}) volume = 1;

  /** What the tile shows. Set it to show a stream of your own. */
  @property({attribute: false})
  get srcObject(): MediaStream | null {
    return this.#stream ?? null;
  }
  set srcObject(stream: MediaStream | null) {
    if (stream && typeof stream.getTracks !== 'function') {
      throw new TypeError('srcObject must be a MediaStream or null.');
    }
    this.#given = stream ?? undefined;
  }

  @state() private blocked = false;

  @query('video') private readonly video!: HTMLVideoElement;

  readonly #call = new CallController(this, {for: () => this.for});
  readonly #texts = new TextsController(this, () => this.#call.session?.options.texts);
  readonly #states = new States(this);
  readonly #sound = new SoundController(this);
  readonly #quality = new QualityBadge(this);
  readonly #resizes = new ResizeObserver(() => this.#fit());
  readonly #sight = new IntersectionObserver((entries) => {
    this.#isInSight = entries.at(-1)?.isIntersecting ?? false;
    this.#tellSize();
  });
  #isInSight = false;
  #given: MediaStream | undefined;
  #captured: LocalCapture | undefined;
  #reported: RtcError | undefined;
  #audible = true;
  #played: MediaStream | undefined;
  #playedMuted = true;
  /** The speaker of the call; what the page has set itself stays until that is another one. */
  #speakerId = '';
  #tracks: AbortController | undefined;
  #gesture: AbortController | undefined;

  override connectedCallback() {
    super.connectedCallback();
    this.#resizes.observe(this);
    this.#sight.observe(this);
    document.addEventListener('visibilitychange', this.#resume);
    // A media element that was moved has paused.
    this.#played = undefined;
    this.requestUpdate('capture');
  }

  override disconnectedCallback() {
    this.#isInSight = false;
    // While it still knows the call.
    this.#tellSize();
    super.disconnectedCallback();
    this.#resizes.disconnect();
    this.#sight.disconnect();
    document.removeEventListener('visibilitychange', this.#resume);
    this.#unblock();
    // A move in the document disconnects and connects again: only let go of
    // the camera when the element is still gone a microtask later.
    queueMicrotask(() => {
      if (!this.isConnected) {
        this.#stopCapture();
        this.#watch(undefined);
      }
    });
  }

  /** Starts playback, as in `<video>`. Rejects when the browser blocks it. */
  play(): Promise<void> {
    return this.updateComplete.then(() => this.#play());
  }

  /** Plays sound through another speaker. */
  setSinkId(id: string): Promise<void> {
    return this.updateComplete.then(() => {
      if (typeof this.video.setSinkId !== 'function') {
        throw new RtcError('unsupported-browser');
      }
      return this.video.setSinkId(id);
    });
  }

  /** Shows the picture in a window of its own. Needs a click of the person. */
  requestPictureInPicture(): Promise<PictureInPictureWindow> {
    if (!this.hasUpdated || typeof this.video.requestPictureInPicture !== 'function') {
      return Promise.reject(new RtcError('unsupported-browser'));
    }
    return this.video.requestPictureInPicture();
  }

  protected override willUpdate(changed: PropertyValues<this>) {
    if (changed.has('capture')) {
      if (this.capture && this.isConnected) {
        this.#startCapture();
      } else {
        this.#stopCapture();
      }
    }
    const stream = this.#stream;
    const person = this.#person;
    this.#states.set({
      self: this.participant === 'self',
      screen: this.source === 'screen',
      speaking: person?.speaking,
      'mic-off': person?.micOff,
      'camera-off': person?.cameraOff,
      reconnecting: person?.connection === 'reconnecting',
      blocked: this.blocked,
    });
    if (stream !== this.#played) {
      this.#watch(stream);
    }
    const silent = this.#own || this.muted;
    const claimed = this.#sound.claim(person && !silent ? stream : undefined);
    this.#audible = person ? claimed : !silent;
  }

  protected override render(): TemplateResult {
    const error = this.#captured?.error;
    const pictured = this.#pictured;
    return html`
      <div
        part="tile"
        class="tile themed ${this.#person?.speaking ? 'speaking' : ''}"
        dir=${this.#texts.dir}
      >
        <video
          part="video"
          class=${classMap({
            empty: !pictured,
            mirrored: this.#mirrored,
            stale: this.#person?.connection === 'reconnecting',
          })}
          tabindex="-1"
          playsinline
          autoplay
          aria-label=${this.#pictureName || nothing}
          .muted=${!this.#audible || this.#callVolume === 0}
          .volume=${loudness(this.volume) * this.#callVolume}
          .srcObject=${live(this.#playable ?? null)}
        ></video>
        ${pictured || error ? nothing : this.#renderAvatar()}
        <slot></slot>
        ${this.#renderBadge()} ${this.#renderLabel()} ${this.#renderQuality()}
        ${this.#renderReactions()}
        <div part="captions" class="captions"><slot name="captions"></slot></div>
        ${
          this.blocked
            ? html`<button part="play" class="play on-picture" type="button" @click=${this.#resume}>
                ${playIcon}${this.#texts.texts.video.play}
              </button>`
            : nothing
        }
        ${
          error
            ? html`<p part="error" class="error" role="alert">
                ${warningIcon}${describe(error.code, error.detail, this.#texts.texts)}
              </p>`
            : nothing
        }
      </div>
    `;
  }

  #renderAvatar() {
    const name = this.#person?.name.trim() ?? '';
    return html`<div
      part="avatar"
      class="avatar ${name ? `tone${toneOf(name)}` : ''}"
      aria-hidden="true"
    >
      ${name ? initials(name) : personIcon}
    </div>`;
  }

  #renderBadge() {
    const texts = this.#texts.texts.video;
    const {connection = 'connected', away} = this.#person ?? {};
    return connection === 'connected' || this.source === 'screen'
      ? nothing
      : html`<div part="badge" class="badge">
          <span>${texts[away ? 'away' : connection]}</span>
        </div>`;
  }

  #renderQuality() {
    const person = this.#person;
    return person && this.source === 'camera'
      ? this.#quality.render(person, {
          texts: this.#texts.texts,
          numbers: () => this.#call.session?.lineOf(person.id),
        })
      : nothing;
  }

  #renderLabel() {
    const person = this.#person;
    if (!person) {
      return nothing;
    }
    const texts = this.#texts.texts.video;
    const quiet = person.micOff && this.source === 'camera';
    return html`<div part="label" class="label">
      ${
        quiet
          ? html`<span part="muted" class="muted" role="img" aria-label=${texts.micOff}
              >${micOffIcon}</span
            >`
          : nothing
      }
      ${
        person.handRaised && this.source === 'camera'
          ? html`<span part="hand" class="hand" role="img" aria-label=${texts.handRaised}
              >${handIcon}</span
            >`
          : nothing
      }
      ${
        person.speaking && !quiet
          ? html`<span part="speaking" class="speaks" role="img" aria-label=${texts.speaking}
              >${speakingIcon}</span
            >`
          : nothing
      }
      <span part="name" class="name" dir="auto">${this.#label}</span>
    </div>`;
  }

  /** What the person shows for a moment. */
  #renderReactions() {
    const current = this.#call.session?.reactions.current ?? [];
    const own = current.filter(({from}) => from === this.participant).slice(-maxReactions);
    return own.length && this.source === 'camera'
      ? html`<div class="reactions">
          ${repeat(
            own,
            ({id}) => id,
            ({reaction}) =>
              html`<span
                part="reaction"
                class="reaction"
                role="img"
                aria-label=${this.#texts.texts.reactions[reaction]}
                >${reaction}</span
              >`,
          )}
        </div>`
      : nothing;
  }

  protected override firstUpdated() {
    for (const type of mediaEvents) {
      this.video.addEventListener(type, (event) => {
        this.dispatchEvent(new (event.constructor as typeof Event)(event.type, event));
      });
    }
    for (const type of ['loadeddata', 'resize', 'emptied']) {
      this.video.addEventListener(type, () => this.requestUpdate());
    }
  }

  protected override updated() {
    this.#fit();
    const stream = this.#playable;
    const {muted} = this.video;
    if (stream !== this.#played || (this.#playedMuted && !muted)) {
      this.#played = stream;
      if (stream) {
        // A block shows as a button; anything else (another stream came in
        // between, there is nothing to play yet) settles with the next try.
        this.#play().catch(() => undefined);
      } else {
        this.#unblock();
      }
    }
    this.#playedMuted = muted;
    const {speakerId = ''} = (this.participant && !this.#own && this.#call.session) || {};
    if (speakerId !== this.#speakerId) {
      this.#speakerId = speakerId;
      void playThrough(this.video, speakerId);
    }
  }

  get #person(): Participant | undefined {
    const session = this.#call.session;
    return this.participant === 'self'
      ? session?.self
      : session?.participants.find(({id}) => id === this.participant);
  }

  /** How loud the others are in the call. */
  get #callVolume(): number {
    return this.participant ? (this.#call.session?.volume ?? 1) : 1;
  }

  /** What is sent from here: never to be heard here. */
  get #own() {
    return this.capture || this.participant === 'self';
  }

  get #stream(): MediaStream | undefined {
    if (this.capture) {
      return this.#captured?.stream;
    }
    if (this.participant) {
      const person = this.#person;
      return this.source === 'screen' ? person?.screen : person?.stream;
    }
    return this.#given;
  }

  /**
   * What the media element gets. A stream without a track, as before the camera
   * is allowed, would hold up the `load` event of the page.
   */
  get #playable(): MediaStream | undefined {
    const stream = this.#stream;
    return stream === this.#given || stream?.getTracks().length ? stream : undefined;
  }

  get #pictured(): boolean {
    const off = this.source === 'camera' && this.#person?.cameraOff;
    const filmed = this.#stream?.getVideoTracks().some(({readyState}) => readyState === 'live');
    return !off && !!filmed && this.hasUpdated && this.video.videoWidth > 0;
  }

  /** As in a mirror: only one's own camera, and only if it looks at oneself. */
  get #mirrored(): boolean {
    if (!this.#own || this.source === 'screen') {
      return false;
    }
    const track = this.#stream?.getVideoTracks()[0];
    const settings = track?.getSettings();
    const foreign = !this.capture && this.#call.session?.options.stream;
    return !!track && !foreign && settings?.facingMode !== 'environment';
  }

  /** The name on the label. */
  get #label(): string {
    const person = this.#person;
    return person ? tileNameOf(person, this.source, this.#texts.texts) : '';
  }

  /** The picture in words. */
  get #pictureName(): string {
    return this.source === 'screen' || !this.#person
      ? this.#label
      : format(this.#texts.texts.video.pictureOf, {name: this.#label});
  }

  /**
   * Fills the tile with the picture, as far as that does not cut off heads or sides; a screen is always
   * shown whole.
   */
  #fit() {
    this.#tellSize();
    const {videoWidth, videoHeight} = this.video ?? {};
    if (videoWidth && videoHeight && this.clientWidth && this.clientHeight) {
      const wider = this.clientWidth / this.clientHeight / (videoWidth / videoHeight);
      const most = this.source === 'screen' ? {width: 1, height: 1} : leastShown;
      const [width, height] = [1 / wider / most.height, wider / most.width];
      this.video.style.setProperty('width', `${100 * Math.min(1, width)}%`);
      this.video.style.setProperty('height', `${100 * Math.min(1, height)}%`);
    }
  }

  /** How large the picture is on the screen: what is more need not be sent. */
  #tellSize() {
    const {participant: id, source, clientWidth, clientHeight} = this;
    const ratio = window.devicePixelRatio;
    const isShown = this.#isInSight && id && id !== 'self' && clientWidth > 0;
    this.#call.session?.setView(
      this,
      isShown
        ? {
            id,
            source,
            size: {
              width: Math.round(clientWidth * ratio),
              height: Math.round(clientHeight * ratio),
            },
          }
        : undefined,
    );
  }

  #startCapture() {
    if (!this.#captured) {
      this.#captured = new LocalCapture();
      this.#captured.addEventListener('change', () => this.#captureChanged());
      void this.#captured.start({audio: true, video: true});
    }
  }

  #stopCapture() {
    this.#captured?.stop();
    this.#captured = undefined;
    this.#reported = undefined;
  }

  #captureChanged() {
    const error = this.#captured?.error;
    if (error && error !== this.#reported) {
      this.dispatchEvent(new RtcErrorEvent(error));
    }
    this.#reported = error;
    this.requestUpdate();
  }

  /** Draws again when the stream gains or loses a picture. */
  #watch(stream: MediaStream | undefined) {
    this.#tracks?.abort();
    this.#tracks = new AbortController();
    const {signal} = this.#tracks;
    const redraw = () => this.requestUpdate();
    const follow = (track: MediaStreamTrack) => track.addEventListener('ended', redraw, {signal});
    stream?.getVideoTracks().forEach(follow);
    stream?.addEventListener('removetrack', redraw, {signal});
    stream?.addEventListener(
      'addtrack',
      ({track}) => {
        follow(track);
        redraw();
      },
      {signal},
    );
  }

  #play(): Promise<void> {
    return this.video.play().then(
      () => this.#unblock(),
      (cause: unknown) => {
        if ((cause as Partial<DOMException>).name === 'NotAllowedError') {
          this.#block();
        }
        throw cause;
      },
    );
  }

  readonly #resume = () => {
    if (this.#stream && this.hasUpdated && this.video.paused && !document.hidden) {
      this.#play().catch(() => undefined);
    }
  };

  /** The browser wants a gesture first: any one in the document will do. */
  #block() {
    this.blocked = true;
    if (!this.#gesture) {
      this.#gesture = new AbortController();
      const {signal} = this.#gesture;
      for (const type of ['pointerup', 'keydown']) {
        document.addEventListener(type, this.#resume, {signal, capture: true});
      }
    }
  }

  #unblock() {
    this.blocked = false;
    this.#gesture?.abort();
    this.#gesture = undefined;
  }
}

function loudness(volume: number) {
  return Number.isNaN(volume) ? 1 : Math.min(Math.max(volume, 0), 1);
}

if (!customElements.get('rtc-video')) {
  customElements.define('rtc-video', RtcVideo);
}

declare global {
  interface HTMLElementTagNameMap {
    'rtc-video': RtcVideo;
  }
}
