/** How the tiles of a call are laid out. */
export type Layout =
  /** A grid of a few; of more, who speaks large; shared screens large. */
  | 'auto'
  /** All the same size. */
  | 'grid'
  /** Who speaks large, and the others beside. */
  | 'speaker';

export const layouts: readonly Layout[] = ['auto', 'grid', 'speaker'];

export function isLayout(word: unknown): word is Layout {
  return (layouts as readonly unknown[]).includes(word);
}

/** One picture of somebody. */
export interface Tile {
  /** `self`, or the id of a participant. */
  readonly id: string;
  readonly source: 'camera' | 'screen';
}

export function isSameTile(one: Tile | undefined, other: Tile | undefined): boolean {
  return one?.id === other?.id && one?.source === other?.source;
}
