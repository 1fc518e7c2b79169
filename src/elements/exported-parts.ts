/** The parts of a tile, as the elements around it call them. */
export const tileParts =
  'tile: tile-body, video, avatar, label: tile-label, name: tile-name, muted: tile-muted, hand: tile-hand, speaking: tile-speaking, reaction, badge, quality, quality-details, captions, play, error: tile-error';

/** The parts of the elements inside a call, as the call calls them. */
export const exportedParts = {
  stage:
    'tiles, tile, featured, small, pinned, tile-body, video, avatar, tile-label, tile-name, tile-muted, tile-hand, tile-speaking, reaction, badge, quality, quality-details, captions, play, tile-error, pin, move, pager',
  controls:
    'toolbar, button: control-button, mic, camera, cameras, screen, pause, audience, offstage, hand, sound, volume, chat, record, pip, fullscreen, flip, reactions, layout, devices, more, talking, leave, count, menu, menu-item, tooltip, muted-hint, key',
  live: 'live: live-badge, recording, viewers, health, line',
  /** Of the element, in the lobby and among the devices. */
  level: 'meter: level-meter, level: level-bar',
  chat: 'list: chat-list, message: chat-message, own: chat-own, author: chat-author, time: chat-time, divider: chat-divider, empty: chat-empty, file: chat-file, file-name, file-state, file-button, progress: file-progress, newest: chat-newest, problem: chat-problem, input: chat-input, add: chat-add, send: chat-send, drop: chat-drop',
  audience: 'list: audience-list, viewer, button, switch',
  devices:
    'field: devices-field, menu: devices-menu, level: devices-level, level-meter, level-bar, button, switch, hint: devices-hint',
} as const;
