import type {Network, Size} from '../networks/network.js';
import {isSameTile, type Tile} from './layout.js';

/** Where somebody's picture is shown, and how large. */
export interface View extends Tile {
  /** In pixels of the screen. */
  readonly size: Size;
}

/** How large pictures are shown here, all views of them together: so no more needs to be sent. */
export class Views {
  readonly #views = new Map<object, View>();
  #network: Network | undefined;
  /** No picture need be larger. */
  #most: Size = {width: Infinity, height: Infinity};

  /** What is shown until now counts there as well. */
  connect(network: Network | undefined): void {
    this.#network = network?.setSize ? network : undefined;
    this.#tellAll();
  }

  /** However large they are shown, no more than this is asked for. */
  cap(most: Size = {width: Infinity, height: Infinity}): void {
    if (most.width !== this.#most.width) {
      this.#most = most;
      this.#tellAll();
    }
  }

  /** What one place shows from now on; nothing when it is gone or out of sight. */
  set(place: object, view: View | undefined): void {
    const before = this.#views.get(place);
    if (view) {
      this.#views.set(place, view);
    } else {
      this.#views.delete(place);
    }
    if (before && !isSameTile(before, view)) {
      this.#tell(before);
    }
    const {width, height} = before?.size ?? {};
    if (
      view &&
      (!isSameTile(view, before) || view.size.width !== width || view.size.height !== height)
    ) {
      this.#tell(view);
    }
  }

  #tellAll() {
    for (const view of new Set(this.#views.values())) {
      this.#tell(view);
    }
  }

  #tell(tile: Tile) {
    const {id, source} = tile;
    const sizes = [...this.#views.values()]
      .filter((view) => isSameTile(view, tile))
      .map(({size}) => size);
    this.#network?.setSize?.(
      id,
      source,
      sizes.length
        ? {
            width: Math.min(this.#most.width, Math.max(...sizes.map(({width}) => width))),
            height: Math.min(this.#most.height, Math.max(...sizes.map(({height}) => height))),
          }
        : undefined,
    );
  }
}
