import {html, LitElement, nothing, type PropertyValues, type TemplateResult} from 'lit';
import {property, query, state} from 'lit/decorators.js';
import {repeat} from 'lit/directives/repeat.js';
import {format} from '../locales/texts.js';
import {CallController} from '../session/call-controller.js';
import {isSameTile, type Tile} from '../session/layout.js';
import type {Participant} from '../session/participant.js';
import {isRtl, stepTo} from './arrow-keys.js';
import {tileParts} from './exported-parts.js';
import {moveIcon, nextIcon, pinIcon, previousIcon} from './icons.js';
import {tileNameOf} from './names.js';
import {stageStyles} from './rtc-stage.styles.js';
import type {RtcVideo} from './rtc-video.js';
import './rtc-video.js';
import {layOut, suitGrid, type Corner, type Place} from './stage-layout.js';
import {TextsController} from './texts-controller.js';
import {States} from './states.js';
import {iconButton, theme} from './theme.styles.js';

const moveMs = 240;
const ownTile: Tile = {id: 'self', source: 'camera'};
/** A press that moves less, in CSS pixels, drags nothing. */
const dragPx = 6;
/** Of a lower tile there is nothing to see. */
const leastHeight = 60;
/** In a tile so narrow, in CSS pixels, the name takes the whole width. */
const narrowWidth = 144;

/**
 * The people of the call around it, or of the one that `for` names, and their screens, in tiles: large
 * and small as the call's `layout` says. Any tile can be pinned; of two people, oneself is a small picture
 * that can be put into any corner. What does not fit is on another page.
 *
 * @slot status - What is to be said about all of it, such as `<rtc-live>`: on a picture that fills the stage, else above the tiles.
 * @slot participant-ID - Anything to show over the tile of that participant; `participant-self` for oneself.
 * @slot captions-ID - What that participant says, in writing; `captions-self` for oneself.
 * @csspart tiles - The box with the tiles.
 * @csspart tile - Every tile (an `<rtc-video>`); also `featured` for a large one, `small` for oneself in a corner, `pinned`.
 * @csspart video - The picture of a tile; also `avatar`, `tile-body`, `tile-label`, `tile-name`, `tile-muted`, `tile-hand`, `tile-speaking`, `tile-error`, `reaction`, `badge`, `quality`, `quality-details`, `captions`, `play`.
 * @csspart pin - The button on a tile that pins it.
 * @csspart move - The button that puts oneself into another corner.
 * @csspart pager - The buttons that turn pages.
 * @cssstate auto - As the call's `layout`; likewise `grid`, `speaker`.
 * @cssstate filled - One picture fills it, with at most oneself in a corner.
 * @cssstate paged - There is more than one page of tiles.
 * @cssprop [--rtc-gap=0.5rem] - Space between the tiles.
 */
export class RtcStage extends LitElement {
  static override styles = [theme, iconButton, stageStyles];

  /** The id of an `<rtc-call>` elsewhere; without it the call around the stage. */
  @property() for = '';

  /** Which page of the tiles is to be seen, counted from 0. */
  @state() private page = 0;
  @state() private pages = 1;
  @state() private corner: Corner = 0;
  /** Which tile's button has the focus, or had it last. */
  @state() private current: Tile | undefined;

  @query('.tiles') private readonly box!: HTMLElement;

  readonly #call = new CallController(this, {for: () => this.for});
  readonly #texts = new TextsController(this, () => this.#call.session?.options.texts);
  readonly #states = new States(this);
  readonly #resizes = new ResizeObserver(() => this.#place());
  /** Who stays large while nobody speaks. */
  #speaker: string | undefined;
  /** The others, in the order of their tiles: who speaks is on the first page. */
  #order: readonly string[] = [];
  #perPage = Infinity;
  /** Which tile's button Tab reaches; arrow keys reach the others. */
  #stop: Tile | undefined;
  #hadFocus = false;
  #tiles: readonly Tile[] = [];
  #pinned: Tile | undefined;
  /** Whether one's own picture is a small one on that of the other. */
  #isPair = false;
  /** Where the tiles are, and the size of the box at that time. */
  #placed = new Map<string, Place>();
  #size = '';

  /** The largest tile, and the first of those. */
  get mainTile(): RtcVideo | undefined {
    const tiles = [...this.renderRoot.querySelectorAll('rtc-video')];
    return tiles.find((tile) => tile.matches('.featured')) ?? tiles[0];
  }

  override connectedCallback() {
    super.connectedCallback();
    if (this.hasUpdated) {
      this.#resizes.observe(this.box);
    }
  }

  override disconnectedCallback() {
    super.disconnectedCallback();
    this.#resizes.disconnect();
  }

  protected override willUpdate() {
    this.#hadFocus = this.shadowRoot?.activeElement?.matches('.over') ?? false;
    const {self, participants = [], layout, pinned} = this.#call.session ?? {};
    const seen = participants.filter(({role}) => role !== 'viewer');
    const tiles = tilesOf(self, seen);
    this.#tiles = tiles;
    this.#pinned = pinned;
    this.#isPair =
      tiles.length === 2 &&
      tiles.every(({source}) => source === 'camera') &&
      (self?.role === 'participant' || self?.role === 'guest') &&
      layout !== 'grid' &&
      pinned === undefined;
    this.#followSpeaker(seen.map(({id}) => id));
  }

  protected override render(): TemplateResult {
    const tiles = this.#tiles;
    const {self, participants = [], layout = 'auto'} = this.#call.session ?? {};
    const people = new Map([...participants, ...(self ? [self] : [])].map((one) => [one.id, one]));
    const isFilled = tiles.length < 2 || this.#isPair;
    this.#states.set({[layout]: true, filled: isFilled, paged: this.pages > 1});
    const isTold = this.querySelector(':scope > [slot=status]') !== null;
    return html`
      <div
        class="stage themed ${isFilled ? 'filled' : ''} ${isTold ? 'told' : ''}"
        dir=${this.#texts.dir}
      >
        <slot name="status" @slotchange=${() => this.requestUpdate()}></slot>
        <div
          part="tiles"
          class="tiles corner${this.corner}"
          role="list"
          aria-label=${this.#texts.texts.stage.label}
          @keydown=${this.#walk}
        >
          ${repeat(tiles, keyOf, (tile) =>
            this.#renderTile(tile, people.get(tile.id)!, isSameTile(tile, this.#stop)),
          )}
        </div>
        ${this.pages > 1 ? this.#renderPager() : nothing}
      </div>
    `;
  }

  #renderTile(tile: Tile, person: Participant, isTabbable: boolean) {
    const {id, source} = tile;
    const isPinned = isSameTile(tile, this.#pinned);
    const isSmall = this.#isPair && id === 'self';
    return html`<rtc-video
      part="tile ${isSmall ? 'small' : ''} ${isPinned ? 'pinned' : ''}"
      exportparts=${tileParts}
      role="listitem"
      class=${isSmall ? 'small' : this.#canPin ? 'pinnable' : ''}
      .for=${this.for}
      participant=${id}
      source=${source}
      @dblclick=${() => this.#canPin && this.#pin(tile)}
      @pointerdown=${isSmall ? this.#drag : nothing}
    >
      ${
        source === 'camera'
          ? html`<slot name="participant-${id}"></slot>
              <slot name="captions-${id}" slot="captions"></slot>`
          : nothing
      }
      ${
        this.#canPin
          ? this.#renderPin(tile, tileNameOf(person, source, this.#texts.texts), isTabbable)
          : isSmall
            ? this.#renderMove()
            : nothing
      }
    </rtc-video>`;
  }

  #renderPin(tile: Tile, name: string, isTabbable: boolean) {
    const {pin, unpin} = this.#texts.texts.stage;
    const isPinned = isSameTile(tile, this.#pinned);
    const text = format(isPinned ? unpin : pin, {name});
    return html`<button
      part="pin"
      class="bare on-picture over ${isPinned ? 'on' : ''}"
      type="button"
      aria-label=${text}
      aria-pressed=${isPinned}
      title=${text}
      tabindex=${isTabbable ? 0 : -1}
      @focus=${() => (this.current = tile)}
      @click=${() => this.#pin(tile)}
      @dblclick=${(event: Event) => event.stopPropagation()}
    >
      ${pinIcon}
    </button>`;
  }

  #renderMove() {
    const {move} = this.#texts.texts.stage;
    return html`<button
      part="move"
      class="bare on-picture over"
      type="button"
      aria-label=${move}
      title=${move}
      @click=${() => (this.corner = ((this.corner + 1) % 4) as Corner)}
    >
      ${moveIcon}
    </button>`;
  }

  #renderPager() {
    const {previous, next, page} = this.#texts.texts.stage;
    const turn = (by: number, text: string, icon: TemplateResult) =>
      html`<button
        class="bare"
        type="button"
        aria-label=${text}
        title=${text}
        aria-disabled=${!this.#hasPage(this.page + by)}
        @click=${() => this.#hasPage(this.page + by) && (this.page += by)}
      >
        ${icon}
      </button>`;
    return html`<div part="pager" class="pager">
      ${turn(-1, previous, previousIcon)}
      <span role="status"
        >${format(page, {page: String(this.page + 1), pages: String(this.pages)})}</span
      >
      ${turn(1, next, nextIcon)}
    </div>`;
  }

  #hasPage(page: number): boolean {
    return page >= 0 && page < this.pages;
  }

  protected override firstUpdated() {
    this.#resizes.observe(this.box);
  }

  protected override updated(changed: PropertyValues) {
    this.#place();
    if (this.#hadFocus && !this.shadowRoot?.activeElement) {
      // On the pin of somebody who has gone.
      this.#focusPin(this.#stop);
    }
    if (changed.has('current')) {
      this.#focusPin(this.current);
    }
  }

  #focusPin(tile: Tile | undefined) {
    const at = this.#tiles.findIndex((one) => isSameTile(one, tile));
    this.box.children[at]?.querySelector<HTMLElement>('.over')?.focus();
  }

  get #canPin(): boolean {
    return this.#tiles.length > 2 || (this.#tiles.length === 2 && !this.#isPair);
  }

  /** Between the tiles, as the style sheet says. */
  get #gap(): number {
    return parseFloat(getComputedStyle(this.box).columnGap) || 0;
  }

  /** How much of the upper edge is taken, in CSS pixels. */
  get #told(): number {
    const told = [...this.querySelectorAll<HTMLElement>(':scope > [slot=status]')];
    return Math.max(0, ...told.map(({offsetHeight}) => offsetHeight));
  }

  /** What is large, and what stands beside it. */
  #arrange(box: Place): {readonly featured: readonly Tile[]; readonly others: readonly Tile[]} {
    const {layout} = this.#call.session ?? {};
    const tiles = this.#tiles;
    const others = (featured: readonly Tile[]) => ({
      featured,
      others: this.#inOrder(tiles.filter((tile) => !featured.includes(tile))),
    });
    const chosen = tiles.filter((tile) => isSameTile(tile, this.#pinned));
    if (chosen.length || layout === 'grid' || tiles.length < 2) {
      return others(chosen);
    }
    const screens = tiles.filter(({id, source}) => source === 'screen' && id !== 'self');
    const isGrid = layout === 'auto' && suitGrid(tiles.length, box, this.#gap);
    return others(
      screens.length || isGrid
        ? screens
        : tiles.filter(({id, source}) => id === this.#speaker && source === 'camera'),
    );
  }

  /** Oneself at the end, but on the first page. */
  #inOrder(tiles: readonly Tile[]): readonly Tile[] {
    const own = tiles.filter(({id}) => id === 'self');
    const others = tiles.filter(({id}) => id !== 'self');
    const rank = ({id}: Tile) => this.#order.indexOf(id);
    others.sort((one, other) => rank(one) - rank(other));
    const first = Math.max(0, this.#perPage - own.length);
    return [...others.slice(0, first), ...own, ...others.slice(first)];
  }

  #followSpeaker(ids: readonly string[]) {
    const {activeSpeaker} = this.#call.session ?? {};
    const known = this.#order.filter((id) => ids.includes(id));
    const order = [...known, ...ids.filter((id) => !known.includes(id))];
    if (activeSpeaker !== undefined && ids.includes(activeSpeaker)) {
      this.#speaker = activeSpeaker;
      const at = order.indexOf(activeSpeaker);
      const last = Math.max(0, this.#perPage - 2);
      if (at > last) {
        // Brought to the first page, in exchange for the last one there.
        [order[at], order[last]] = [order[last]!, order[at]!];
      }
    } else if (!this.#speaker || !ids.includes(this.#speaker)) {
      this.#speaker = ids[0];
    }
    this.#order = order;
  }

  /** Puts every tile in its place. */
  #place() {
    const {clientWidth: width, clientHeight: height} = this.box;
    const box = {x: 0, y: 0, width, height};
    const {featured, others} = this.#isPair
      ? {featured: this.#tiles.slice(0, 1), others: this.#tiles.slice(1)}
      : this.#arrange(box);
    const gap = this.#gap;
    const {places, pages, page, perPage} = layOut(
      {
        featured: featured.length,
        others: others.length,
        corner: this.#isPair ? this.corner : undefined,
        page: this.page,
      },
      box,
      gap,
    );
    const isMirrored = isRtl(this.box);
    // Not under what is said of all of it.
    const top = this.#isPair && this.corner === 2 ? this.#told : 0;
    const now = new Map(
      [...featured, ...others].flatMap((tile, index) => {
        const place = places[index];
        const x = place && isMirrored ? width - place.x - place.width : place?.x;
        return place && place.height >= leastHeight
          ? [[keyOf(tile), {...place, x: x!, y: place.y + (index ? top : 0)}] as const]
          : [];
      }),
    );
    const size = `${width} ${height}`;
    const moves = size === this.#size && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.#size = size;
    const before = this.#placed;
    this.#placed = now;
    const tiles = this.#tiles.map((tile, index) => {
      const element = this.box.children[index] as HTMLElement;
      const [from, to] = [before.get(keyOf(tile)), now.get(keyOf(tile))];
      const hasMoved = JSON.stringify(from) !== JSON.stringify(to);
      // All are read before any is moved. It may be on its way from somewhere else.
      const seenAt = hasMoved && moves && !element.hidden && placeIn(this.box, element);
      return {tile, element, to, hasMoved, seenAt};
    });
    for (const {tile, element, to, hasMoved, seenAt} of tiles) {
      // On another page it is heard all the same.
      element.hidden = !to;
      element.classList.toggle('narrow', to !== undefined && to.width < narrowWidth);
      element.classList.toggle('featured', featured.includes(tile));
      element.part.toggle('featured', featured.includes(tile));
      if (to && hasMoved) {
        put(element, to);
        if (seenAt && seenAt.width > 0) {
          animate(element, seenAt, to);
        }
      }
    }
    this.page = page;
    this.pages = pages;
    const seen = this.#tiles.filter((tile) => now.has(keyOf(tile)));
    const stop = seen.find((tile) => isSameTile(tile, this.current)) ?? seen[0];
    if (this.#perPage !== perPage || !isSameTile(this.#stop, stop)) {
      this.#perPage = perPage;
      this.#stop = stop;
      this.requestUpdate();
    }
  }

  #pin(tile: Tile) {
    const {session} = this.#call;
    session?.pin(isSameTile(tile, this.#pinned) ? undefined : tile);
  }

  /** Arrow keys go from tile to tile. */
  #walk(event: KeyboardEvent) {
    if (!(event.target as Element).matches('[part=pin]')) {
      return;
    }
    const tiles = this.#tiles.filter((tile) => this.#placed.has(keyOf(tile)));
    const at = tiles.findIndex((tile) => isSameTile(tile, this.current));
    const to = stepTo(event, at, tiles.length);
    if (to !== undefined) {
      event.preventDefault();
      this.current = tiles[to];
    }
  }

  /** Takes one's own picture along, and lets it go into the nearest corner. */
  #drag(event: PointerEvent) {
    const tile = event.currentTarget as RtcVideo;
    const isOnButton = event.composedPath().some((one) => one instanceof HTMLButtonElement);
    if (event.button !== 0 || isOnButton) {
      return;
    }
    const from = {x: event.clientX, y: event.clientY};
    const end = new AbortController();
    let isDragged = false;
    const follow = ({clientX, clientY}: PointerEvent) => {
      const [x, y] = [clientX - from.x, clientY - from.y];
      isDragged ||= Math.hypot(x, y) > dragPx;
      if (isDragged) {
        tile.style.setProperty('transform', `translate(${x}px, ${y}px)`);
      }
    };
    const drop = () => {
      end.abort();
      if (isDragged) {
        const {x, y, width, height} = placeIn(this.box, tile);
        const isRight = x + width / 2 > this.box.clientWidth / 2;
        const isEnd = isRight !== isRtl(this.box);
        const isTop = y + height / 2 < this.box.clientHeight / 2;
        this.corner = isTop ? (isEnd ? 3 : 2) : isEnd ? 0 : 1;
        // From where it was let go, be it into the same corner.
        this.#placed.delete(keyOf(ownTile));
        this.requestUpdate();
      }
    };
    tile.setPointerCapture(event.pointerId);
    tile.addEventListener('pointermove', follow, end);
    for (const type of ['pointerup', 'pointercancel', 'lostpointercapture'] as const) {
      tile.addEventListener(type, drop, end);
    }
  }
}

/**
 * All there is to see, in an order that changes only as people come and go: a picture that is moved in the
 * document stops. The screens of the others come first, oneself last; one's own screen is nothing to look at large.
 */
function tilesOf(self: Participant | undefined, seen: readonly Participant[]): readonly Tile[] {
  return [
    ...seen.filter(({screen}) => screen).map(({id}): Tile => ({id, source: 'screen'})),
    ...seen.map(({id}): Tile => ({id, source: 'camera'})),
    ...(self?.screen ? [{id: 'self', source: 'screen'} as const] : []),
    ...(self && self.role !== 'viewer' ? [ownTile] : []),
  ];
}

function keyOf({id, source}: Tile): string {
  return `${source} ${id}`;
}

function put(tile: HTMLElement, {x, y, width, height}: Place) {
  for (const animation of tile.getAnimations()) {
    animation.cancel();
  }
  tile.style.removeProperty('transform');
  for (const [name, value] of Object.entries({left: x, top: y, width, height})) {
    tile.style.setProperty(name, `${value}px`);
  }
}

/** Shows a tile on its way: by `transform`, which costs the page nothing. */
function animate(tile: HTMLElement, from: Place, to: Place) {
  const shift = `translate(${from.x - to.x}px, ${from.y - to.y}px)`;
  const scale = `scale(${from.width / to.width}, ${from.height / to.height})`;
  const transformOrigin = '0 0';
  tile.animate(
    [
      {transformOrigin, transform: `${shift} ${scale}`},
      {transformOrigin, transform: 'none'},
    ],
    {duration: moveMs, easing: 'cubic-bezier(0.2, 0, 0, 1)'},
  );
}

/** Where an element is to be seen at the moment. */
function placeIn(box: HTMLElement, element: HTMLElement): Place {
  const {left, top} = box.getBoundingClientRect();
  const {x, y, width, height} = element.getBoundingClientRect();
  return {x: x - left, y: y - top, width, height};
}

if (!customElements.get('rtc-stage')) {
  customElements.define('rtc-stage', RtcStage);
}

declare global {
  interface HTMLElementTagNameMap {
    'rtc-stage': RtcStage;
  }
}
