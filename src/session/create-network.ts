import type {PeerState} from '../core/messages.js';
import {Mesh} from '../networks/mesh.js';
import type {Network} from '../networks/network.js';
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

/**
 * The way media takes in such a call. What an ordinary call does not need is loaded when it is
 * joined, not with the page.
 * @throws {RtcError} `bad-attribute` for an address that is none.
 */
export async function createNetwork(options: CallOptions, needs: NetworkNeeds): Promise<Network> {
  const {room, mode, audioMode, reconnectTimeoutMs, whip, whep, livekit, token} = options;
  const common = {...needs, room, reconnectTimeoutMs, music: audioMode === 'music'};
  const served = {...common, token, configuration: needs.ownConfiguration};
  const people = {...common, withoutMedia: true};
  if (mode === 'broadcast') {
    const {Stage} = await import('../networks/stage.js');
    if (whip === undefined) {
      return new Stage({...common, maxViewers: capOf(options)});
    }
    const {maxKnownViewers, parseEndpoint, Served, WhipNetwork} =
      await import('../networks/served.js');
    return new Served({
      role: 'stage',
      media: new WhipNetwork({...served, endpoint: parseEndpoint(whip, 'whip')}),
      createPeople: room ? () => new Stage({...people, maxViewers: maxKnownViewers}) : undefined,
    });
  }
  if (mode === 'watch') {
    const {Audience} = await import('../networks/audience.js');
    if (whep === undefined) {
      return new Audience(common);
    }
    const {parseEndpoint, Served, WhepNetwork} = await import('../networks/served.js');
    return new Served({
      role: 'audience',
      media: new WhepNetwork({...served, endpoint: parseEndpoint(whep, 'whep')}),
      createPeople: room ? () => new Audience(people) : undefined,
    });
  }
  if (livekit !== undefined) {
    const {LiveKitNetwork, parseLiveKit} = await import('../networks/livekit.js');
    return new LiveKitNetwork({
      ...parseLiveKit({url: livekit, token}),
      load: options.livekitClient,
      configuration:
        options.rtcConfiguration || options.relayOnly ? needs.ownConfiguration : undefined,
      state: needs.state,
      music: common.music,
    });
  }
  return new Mesh({...common, maxParticipants: capOf(options)});
}
