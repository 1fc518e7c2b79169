import * as v from 'valibot';

type Place = 'localStorage' | 'sessionStorage';

/** Nothing where there is no storage, or something else is stored. */
export function readStored<T>(
  place: Place,
  key: string,
  schema: v.GenericSchema<unknown, T>,
): T | undefined {
  try {
    const result = v.safeParse(schema, JSON.parse(globalThis[place].getItem(key) ?? 'null'));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what is stored where there is no value. Without storage, or when it is full, nothing is kept. */
export function writeStored(place: Place, key: string, value: unknown): void {
  try {
    if (value === undefined) {
      globalThis[place].removeItem(key);
    } else {
      globalThis[place].setItem(key, JSON.stringify(value));
    }
  } catch {
    // It is only a memory.
  }
}
