import {html, nothing, render, type ReactiveController, type ReactiveElement} from 'lit';
import {live} from 'lit/directives/live.js';
import type {Texts} from '../locales/texts.js';
import type {CallSession} from '../session/call-session.js';
import {isInCall} from '../session/call-state.js';
import type {Participant} from '../session/participant.js';
import {pipStyles} from './call-pip.styles.js';
import {controlList, pressedControl, type Control} from './control-list.js';
import {personIcon} from './icons.js';
import {nameOf} from './names.js';
import type {RtcVideo} from './rtc-video.js';
import type {TextsController} from './texts-controller.js';

type View = Window & typeof globalThis;

/** https://wicg.github.io/document-picture-in-picture/ */
interface DocumentPictureInPicture {
  requestWindow(options: {readonly width: number; readonly height: number}): Promise<View>;
}

const buttons = ['mic', 'camera', 'leave'] as const satisfies readonly Control[];
/** What the page has set of the looks. */
const looks = ['--rtc-font', '--rtc-tile-background'];

interface CallHost extends ReactiveElement {
  readonly session: CallSession;
  readonly noShortcuts: boolean;
}

/**
 * A call in a small window over everything, with whom one should see and the most needed buttons;
 * where there are no such windows, only a picture. It is drawn anew there, of plain elements:
 * style sheets cannot go from one document to another, and the tiles of the page go on sounding.
 */
export class CallPip implements ReactiveController {
  readonly #host: CallHost;
  readonly #texts: TextsController;
  /** The picture to show where it can only be one. */
  readonly #picture: () => RtcVideo | undefined;
  #view: View | undefined;
  #isOpening = false;

  constructor(host: CallHost, texts: TextsController, picture: () => RtcVideo | undefined) {
    this.#host = host;
    this.#texts = texts;
    this.#picture = picture;
    host.addController(this);
  }

  /** Opens it, in a click, or closes it. A browser that does not want to is not argued with. */
  toggle(): void {
    const {documentPictureInPicture} = window as {
      documentPictureInPicture?: DocumentPictureInPicture;
    };
    if (this.#view) {
      this.#close();
    } else if (documentPictureInPicture && !this.#isOpening) {
      this.#isOpening = true;
      documentPictureInPicture
        .requestWindow({width: 360, height: 240})
        .then(
          (view) => this.#open(view),
          () => this.#showPicture(),
        )
        .finally(() => (this.#isOpening = false));
    } else if (!documentPictureInPicture) {
      this.#showPicture();
    }
  }

  hostUpdated() {
    if (this.#view && isInCall(this.#host.session.state)) {
      this.#draw(this.#view);
    } else {
      this.#close();
    }
  }

  hostDisconnected() {
    this.#close();
  }

  #showPicture() {
    if (document.pictureInPictureElement) {
      document.exitPictureInPicture().catch(() => undefined);
    } else {
      this.#picture()
        ?.requestPictureInPicture()
        .catch(() => undefined);
    }
  }

  #open(view: View) {
    if (!isInCall(this.#host.session.state)) {
      // Left while it opened.
      view.close();
      return;
    }
    this.#view = view;
    const page = view.document;
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(pipStyles.cssText);
    page.adoptedStyleSheets = [sheet];
    page.title = document.title;
    const style = getComputedStyle(this.#host);
    page.documentElement.dir = style.direction;
    for (const look of looks) {
      page.documentElement.style.setProperty(look, style.getPropertyValue(look));
    }
    page.addEventListener('keydown', (event) => this.#hear(event));
    this.#host.session.setFloating(true);
    view.addEventListener('pagehide', () => this.#close());
    view.addEventListener('resize', () => this.#host.requestUpdate());
    this.#draw(view);
  }

  #close() {
    const view = this.#view;
    this.#view = undefined;
    if (view) {
      this.#host.session.setView(this, undefined);
      this.#host.session.setFloating(false);
      view.close();
    }
  }

  #draw(view: View) {
    const {session} = this.#host;
    const {texts, lang} = this.#texts;
    const {person, source} = featured(session);
    const isOwn = person === session.self;
    const stream = source === 'screen' ? person.screen : person.stream;
    const isPictured = source === 'screen' || !person.cameraOff;
    const ratio = view.devicePixelRatio;
    session.setView(
      this,
      isOwn || !isPictured
        ? undefined
        : {
            id: person.id,
            source,
            size: {
              width: Math.round(view.innerWidth * ratio),
              height: Math.round(view.innerHeight * ratio),
            },
          },
    );
    view.document.documentElement.lang = lang ?? document.documentElement.lang;
    render(
      html`
        ${
          isPictured
            ? html`<video
                class="${source === 'screen' ? 'whole' : ''} ${isOwn ? 'mirrored' : ''}"
                autoplay
                playsinline
                aria-hidden="true"
                .muted=${true}
                .srcObject=${live(stream ?? null)}
              ></video>`
            : html`<div class="avatar">${personIcon}</div>`
        }
        <p class="name">${nameOf(person, texts)}</p>
        <div class="bar" role="group" aria-label=${texts.controls.label}>
          ${buttons
            .filter((control) => controlList[control].isShown?.(session) ?? true)
            .map((control) => this.#renderButton(control, texts))}
        </div>
      `,
      view.document.body,
    );
  }

  /** The letters are the same as in the page. */
  #hear(event: KeyboardEvent) {
    const pressed = this.#host.noShortcuts ? undefined : pressedControl(event);
    const control = buttons.find((one) => one === pressed);
    if (control) {
      event.preventDefault();
      this.#host.session.requestControl(control);
    }
  }

  #renderButton(control: (typeof buttons)[number], {controls}: Texts) {
    const {session} = this.#host;
    const {name, hint, icon, isOn} = controlList[control];
    const on = isOn?.(session) ?? false;
    const {role} = session.broadcast;
    return html`<button
      class="${control} ${isOn && !on ? 'off' : ''}"
      type="button"
      title=${hint?.(controls, on, role) ?? nothing}
      aria-label=${name(controls, role)}
      aria-pressed=${isOn ? on : nothing}
      @click=${() => session.requestControl(control)}
    >
      ${icon(on)}
    </button>`;
  }
}

/** Whom one should see where there is place for one: who is pinned, a shared screen, who speaks, who can be seen. */
function featured({self, participants, pinned, activeSpeaker}: CallSession): {
  readonly person: Participant;
  readonly source: 'camera' | 'screen';
} {
  const others = participants.filter(({role}) => role !== 'viewer');
  const find = (wanted: string | undefined) => [...others, self].find(({id}) => id === wanted);
  const shares = others.find(({screen}) => screen);
  const person =
    find(pinned?.id ?? shares?.id ?? activeSpeaker) ??
    others.find(({cameraOff}) => !cameraOff) ??
    others[0] ??
    self;
  return {person, source: pinned?.source ?? (shares ? 'screen' : 'camera')};
}
