import type {PeerState} from '../core/messages.js';
import {Audience} from '../networks/audience.js';
import {Mesh} from '../networks/mesh.js';
import type {Network} from '../networks/network.js';
import {Served} from '../networks/served.js';
import {Stage} from '../networks/stage.js';
import {WhepNetwork} from '../networks/whep.js';
import {WhipNetwork} from '../networks/whip.js';
import {parseEndpoint} from '../rtc/endpoint.js';
import type {Signaling} from '../signaling/signaling.js';
import {capOf, type CallOptions} from './call-options.js';

/** What a network needs beside the options of the call. */
export interface NetworkNeeds {
  readonly id: string;
  readonly ticket: string;
  readonly startedAt: number;
  readonly createSignaling: () => Signaling;
  readonly configuration: () => Promise<RTCConfiguration>;
  /** The page's own, or nothing: a media server may bring its own servers. */
  readonly ownConfiguration: () => Promise<RTCConfiguration>;
  readonly state: PeerState;
}

/** So many viewers of a media server have a link to the stage: for a name, a hand and the chat. */
const maxKnownViewers = 200;

/** The way media takes in such a call. */
export function createNetwork(options: CallOptions, needs: NetworkNeeds): Network {
  const {room, mode, audioMode, reconnectTimeoutMs, whip, whep, token} = options;
  const common = {...needs, room, reconnectTimeoutMs, music: audioMode === 'music'};
  const served = {...common, token, configuration: needs.ownConfiguration};
  const people = {...common, withoutMedia: true};
  switch (mode) {
    case 'broadcast':
      return whip === undefined
        ? new Stage({...common, maxViewers: capOf(options)})
        : new Served({
            role: 'stage',
            media: new WhipNetwork({...served, endpoint: parseEndpoint(whip, 'whip')}),
            createPeople: room
              ? () => new Stage({...people, maxViewers: maxKnownViewers})
              : undefined,
          });
    case 'watch':
      return whep === undefined
        ? new Audience(common)
        : new Served({
            role: 'audience',
            media: new WhepNetwork({...served, endpoint: parseEndpoint(whep, 'whep')}),
            createPeople: room ? () => new Audience(people) : undefined,
          });
    default:
      return new Mesh({...common, maxParticipants: capOf(options)});
  }
}
