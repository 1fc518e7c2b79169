import {html, type TemplateResult} from 'lit';

/** Line drawings, 24 by 24, in the colour of the text around them. */
function icon(lines: string, area = ''): TemplateResult {
  return html`<svg
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    stroke-width="1.75"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
  >
    <path d=${area} fill="currentColor"></path>
    <path d=${lines}></path>
  </svg>`;
}

const mic = 'M9 6a3 3 0 0 1 6 0v5a3 3 0 0 1-6 0zM5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21M9 21h6';
const camera =
  'M5 6h8a2.5 2.5 0 0 1 2.5 2.5v7A2.5 2.5 0 0 1 13 18H5a2.5 2.5 0 0 1-2.5-2.5v-7A2.5 2.5 0 0 1 5 6zM15.5 13.5l6 3.5V7l-6 3.5';
const slash = 'M3.5 3.5l17 17';

export const micIcon = icon(mic);
export const micOffIcon = icon(mic + slash);
export const speakingIcon = icon('M4.5 10v4M9.5 6v12M14.5 8.5v7M19.5 10.5v3');
export const cameraIcon = icon(camera);
export const cameraOffIcon = icon(camera + slash);
export const camerasIcon = icon(`${camera}M5.5 10.5h7l-2-2M12.5 13.5h-7l2 2`);
export const screenIcon = icon(
  'M4.5 4h15a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-15a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM8 21h8M12 13.5v-6M9 10.5l3-3 3 3',
);
export const leaveIcon = icon(
  '',
  'M2.5 14.3c0-1.5.7-2.6 2-3.3 2.2-1.3 4.8-1.9 7.5-1.9s5.3.6 7.5 1.9c1.3.7 2 1.8 2 3.3v1c0 .6-.5 1-1.1.9l-3.2-.6c-.5-.1-.8-.4-.8-.9v-2.1a12.6 12.6 0 0 0-8.8 0v2.1c0 .5-.3.8-.8.9l-3.2.6c-.6.1-1.1-.3-1.1-.9z',
);
export const personIcon = icon(
  'M8 8a4 4 0 0 1 8 0a4 4 0 0 1-8 0zM4.5 20.5c.6-4 3.5-6 7.5-6s6.9 2 7.5 6',
);
export const warningIcon = icon('M12 3.5L2.5 20h19zM12 10v4.5M12 17.3v.1');
export const closeIcon = icon('M6 6l12 12M18 6L6 18');
export const playIcon = icon('', 'M8 5.5v13l11-6.5z');
export const pauseIcon = icon('M8.5 5v14M15.5 5v14');
export const audienceIcon = icon(
  'M6 9a3 3 0 0 1 6 0a3 3 0 0 1-6 0M2.5 19.5c.4-3.4 3-5 6.5-5s6.1 1.6 6.5 5M14.5 6.3a3 3 0 1 1 1 5.6M17 14.6c2.6.5 4.2 2.1 4.5 4.9',
);
export const chatIcon = icon(
  'M5 4.5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-7.5l-5 4v-4H5a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM8 9h8M8 12.5h5',
);
export const recordIcon = icon(
  'M3.5 12a8.5 8.5 0 0 1 17 0a8.5 8.5 0 0 1-17 0',
  'M8.5 12a3.5 3.5 0 0 1 7 0a3.5 3.5 0 0 1-7 0z',
);
export const handIcon = icon(
  'M7 13V6.5a1.5 1.5 0 0 1 3 0V11V4.5a1.5 1.5 0 0 1 3 0V11V5.5a1.5 1.5 0 0 1 3 0V12V8.5a1.5 1.5 0 0 1 3 0V15a6 6 0 0 1-6 6h-1.5c-2 0-3.5-.8-4.6-2.4L3.7 14.5a1.5 1.5 0 0 1 2.3-1.9z',
);
const speaker = 'M4 9.5v5h3.5l5 4.5V5l-5 4.5z';
export const soundIcon = icon(`${speaker}M16 9a4 4 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11`);
export const soundOffIcon = icon(`${speaker}M16.5 9.5l5 5M21.5 9.5l-5 5`);
export const pipIcon = icon(
  'M4.5 5h15a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-15a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2z',
  'M12.5 12h6v4.5h-6z',
);
export const fullscreenIcon = icon('M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5');
export const sendIcon = icon('M4 12h15M13 6l6 6-6 6');
export const attachIcon = icon(
  'M19 11.5l-7.2 7.2a4.2 4.2 0 0 1-6-6l7.7-7.7a2.8 2.8 0 0 1 4 4l-7.5 7.5a1.4 1.4 0 0 1-2-2l6.8-6.8',
);
export const fileIcon = icon(
  'M13.5 3.5H7a2 2 0 0 0-2 2v13a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V9zM13.5 3.5V9H19',
);
export const downIcon = icon('M12 4.5v15M6 13.5l6 6 6-6');
export const offstageIcon = icon(
  'M5.5 7.5a3 3 0 0 1 6 0a3 3 0 0 1-6 0zM2.5 19.5c.4-3.5 2.7-5.3 6-5.3s5.6 1.8 6 5.3M19 5.5v10M16 12.5l3 3 3-3',
);
export const pinIcon = icon('M9 4h6l-.6 6.2 3.1 3.3H6.5l3.1-3.3zM12 13.5V20.5');
export const moveIcon = icon(
  'M12 4v16M4 12h16M9.5 6.5L12 4l2.5 2.5M9.5 17.5L12 20l2.5-2.5M6.5 9.5L4 12l2.5 2.5M17.5 9.5L20 12l-2.5 2.5',
);
export const previousIcon = icon('M14.5 5.5L8 12l6.5 6.5');
export const nextIcon = icon('M9.5 5.5L16 12l-6.5 6.5');
export const moreIcon = icon(
  '',
  'M3.5 12a1.75 1.75 0 0 1 3.5 0a1.75 1.75 0 0 1-3.5 0zM10.25 12a1.75 1.75 0 0 1 3.5 0a1.75 1.75 0 0 1-3.5 0zM17 12a1.75 1.75 0 0 1 3.5 0a1.75 1.75 0 0 1-3.5 0z',
);
export const layoutIcon = icon(
  'M3.5 4.5h7v6h-7zM13.5 4.5h7v6h-7zM3.5 13.5h7v6h-7zM13.5 13.5h7v6h-7z',
);
export const devicesIcon = icon(
  'M3.5 7H10M15 7h5.5M10 7a2.5 2.5 0 0 1 5 0a2.5 2.5 0 0 1-5 0M3.5 17H6M11 17h9.5M6 17a2.5 2.5 0 0 1 5 0a2.5 2.5 0 0 1-5 0',
);
export const reactionsIcon = icon(
  'M3.5 12a8.5 8.5 0 0 1 17 0a8.5 8.5 0 0 1-17 0M8 14a4.5 4.5 0 0 0 8 0M9 9.5v.1M15 9.5v.1',
);
export const flipIcon = icon(
  'M4.5 7.5h3l1.5-2.5h6l1.5 2.5h3a1.5 1.5 0 0 1 1.5 1.5v9.5a1.5 1.5 0 0 1-1.5 1.5h-15a1.5 1.5 0 0 1-1.5-1.5V9a1.5 1.5 0 0 1 1.5-1.5zM8.5 13a3.6 3.6 0 0 1 6.5-1.5M15.2 9.5v2h-2M15.5 14a3.6 3.6 0 0 1-6.5 1.5M8.8 17.5v-2h2',
);
export const checkIcon = icon('M5.5 12.5l4 4 9-9');
