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

  /** What is shown until now counts there as well. */
  connect(network: Network | undefined): void {
    this.#network = network?.setSize ? network : undefined;
    for (const view of new Set(this.#views.values())) {
      this.#tell(view);
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
            width: Math.max(...sizes.map(({width}) => width)),
            height: Math.max(...sizes.map(({height}) => height)),
          }
        : undefined,
    );
  }
}
