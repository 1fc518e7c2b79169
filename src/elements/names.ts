import {format, type Texts} from '../locales/texts.js';
import type {Tile} from '../session/layout.js';
import type {Participant} from '../session/participant.js';

type Person = Pick<Participant, 'id' | 'name'>;

/** Somebody in words, oneself too. */
export function nameOf({id, name}: Person, {video}: Texts): string {
  return id === 'self' ? video.self : name.trim() || video.nameless;
}

/** What a tile shows, in words. */
export function tileNameOf(person: Person, source: Tile['source'], texts: Texts): string {
  const {ownScreen, screenOf} = texts.video;
  const name = nameOf(person, texts);
  if (source === 'camera') {
    return name;
  }
  return person.id === 'self' ? ownScreen : format(screenOf, {name});
}
