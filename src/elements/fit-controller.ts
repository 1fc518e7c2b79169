import type {ReactiveController, ReactiveElement} from 'lit';
import {lasting, passing, type Control} from './control-list.js';

/** Decides how many buttons there is room for in one row. Measures in one go, when something has another size. */
export class FitController implements ReactiveController {
  readonly #host: ReactiveElement;
  readonly #resizes = new ResizeObserver(() => this.#measure());
  /** For buttons of ours, in pixels, with a gap after each; */
  #room = Infinity;
  /** what one takes, */
  #each = 0;
  /** and what the slider beside one takes. */
  #slider = 0;

  constructor(host: ReactiveElement) {
    this.#host = host;
    host.addController(this);
  }

  hostConnected() {
    // Slots tell nothing when the host is moved with all that is in them.
    this.followSlots();
  }

  hostDisconnected() {
    this.#resizes.disconnect();
  }

  /** Those of the page take room as well. */
  readonly followSlots = () => {
    this.#resizes.disconnect();
    for (const element of [this.#host, ...this.slotted]) {
      this.#resizes.observe(element);
    }
  };

  get slotted(): HTMLElement[] {
    const slots = this.#host.shadowRoot?.querySelectorAll<HTMLSlotElement>('.toolbar > slot') ?? [];
    return [...slots].flatMap((slot) => slot.assignedElements({flatten: true}) as HTMLElement[]);
  }

  /** Whether even those that have to stay do not fit. */
  isTight(controls: readonly Control[]): boolean {
    return this.#costOf(controls) > this.#room;
  }

  /** Which stay in the row, in their order. If not all, there has to be another button for the others. */
  fitting(controls: readonly Control[]): readonly Control[] {
    if (this.#costOf(controls) <= this.#room) {
      return controls;
    }
    let left = this.#room - this.#each;
    const stay = new Set<Control>();
    for (const control of [...lasting, ...passing].filter((one) => controls.includes(one))) {
      left -= this.#costOf([control]);
      if (left < 0 && !lasting.includes(control)) {
        break;
      }
      stay.add(control);
    }
    return controls.filter((control) => stay.has(control));
  }

  #costOf(controls: readonly Control[]): number {
    return controls.length * this.#each + (controls.includes('sound') ? this.#slider : 0);
  }

  #measure() {
    const toolbar = this.#host.shadowRoot?.querySelector('.toolbar');
    const width = toolbar?.clientWidth;
    const button = toolbar?.querySelector('button');
    if (!toolbar || !width || !button) {
      return;
    }
    const gap = parseFloat(getComputedStyle(toolbar).columnGap) || 0;
    const each = parseFloat(getComputedStyle(button).minWidth) + gap;
    const slider = toolbar.querySelector<HTMLElement>('.volume');
    const theirs = this.slotted.map(({offsetWidth}) => offsetWidth && offsetWidth + gap);
    const room = width + gap - theirs.reduce((sum, one) => sum + one, 0);
    if (slider) {
      this.#slider = slider.offsetWidth && each;
    }
    if (room !== this.#room || each !== this.#each) {
      this.#room = room;
      this.#each = each;
      this.#host.requestUpdate();
    }
  }
}
