/** An `EventTarget` that knows which events it dispatches. */
export interface TypedEventTarget<Events> {
  addEventListener<K extends keyof Events & string>(
    type: K,
    listener: (event: Events[K]) => void,
    options?: AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof Events & string>(
    type: K,
    listener: (event: Events[K]) => void,
  ): void;
  dispatchEvent(event: Events[keyof Events] & Event): boolean;
}
export const TypedEventTarget = EventTarget as {new <Events>(): TypedEventTarget<Events>};
