import {createContext} from '@lit/context';
import type {CallSession} from './call-session.js';

/** The call around an element. Shared by name, so that two copies of this file agree. */
export const callContext = createContext<CallSession | undefined>(Symbol.for('rtc-elements.call'));
