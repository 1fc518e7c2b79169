import * as v from 'valibot';
import {maxNameLength} from '../core/messages.js';
import {TypedEventTarget} from '../core/typed-event-target.js';
import {readStored, writeStored} from './stored.js';

const key = 'rtc-elements/settings';

/** What is not as it should be counts as not chosen; all else is kept. */
function choice<T>(schema: v.GenericSchema<unknown, T>) {
  return v.fallback(v.optional(schema), undefined);
}

const Text = v.pipe(v.string(), v.maxLength(500));
const ChosenDevice = v.object({id: Text, label: Text});

const Choices = v.object({
  /** Typed by the person where the page gives none. */
  name: choice(v.pipe(v.string(), v.maxLength(2 * maxNameLength))),
  microphone: choice(ChosenDevice),
  camera: choice(ChosenDevice),
  speaker: choice(ChosenDevice),
  noiseSuppression: choice(v.boolean()),
  voiceIsolation: choice(v.boolean()),
  backgroundBlur: choice(v.boolean()),
  /** Whether little is to be sent and got. */
  lowData: choice(v.boolean()),
});
/** What a person has chosen for all calls of this site; nothing where they have not. */
export type Choices = Readonly<Partial<v.InferOutput<typeof Choices>>>;

export interface SettingsEvents {
  /** The person has chosen something else. */
  change: Event;
}

/**
 * What a person has chosen, remembered from one visit to the next (`localStorage`) where the
 * browser lets us, else as long as the page is there. Not whether microphone and camera are on:
 * that is the page's to say, and each call's own. Another tab's choices count from the next page on.
 */
export class Settings extends TypedEventTarget<SettingsEvents> {
  #choices: Choices = read();

  get choices(): Choices {
    return this.#choices;
  }

  /** Remembers these; the others stay as they are. */
  choose(choices: Choices): void {
    this.#choices = {...this.#choices, ...choices};
    // Over what another tab has stored meanwhile.
    writeStored('localStorage', key, {...read(), ...choices});
    this.dispatchEvent(new Event('change'));
  }
}

function read(): Choices {
  return readStored('localStorage', key, Choices) ?? {};
}
