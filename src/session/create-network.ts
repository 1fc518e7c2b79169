import type {PeerState} from '../core/messages.js';
import {Audience} from '../networks/audience.js';
import {Mesh} from '../networks/mesh.js';
import type {Network} from '../networks/network.js';
import {Stage} from '../networks/stage.js';
import type {Signaling} from '../signaling/signaling.js';
import {capOf, type CallOptions} from './call-options.js';

/** What a network needs beside the options of the call. */
export interface NetworkNeeds {
  readonly id: string;
  readonly ticket: string;
  readonly startedAt: number;
  readonly createSignaling: () => Signaling;
  readonly configuration: () => Promise<RTCConfiguration>;
  readonly state: PeerState;
}

/** The way media takes in such a call. */
export function createNetwork(options: CallOptions, needs: NetworkNeeds): Network {
  const {room, mode, audioMode, reconnectTimeoutMs} = options;
  const common = {...needs, room, reconnectTimeoutMs, music: audioMode === 'music'};
  switch (mode) {
    case 'broadcast':
      return new Stage({...common, maxViewers: capOf(options)});
    case 'watch':
      return new Audience(common);
    default:
      return new Mesh({...common, maxParticipants: capOf(options)});
  }
}
