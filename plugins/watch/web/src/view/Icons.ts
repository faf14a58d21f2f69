const PATHS = {
  play: 'M8 5.5v13a.8.8 0 0 0 1.2.7l10.3-6.5a.8.8 0 0 0 0-1.4L9.2 4.8A.8.8 0 0 0 8 5.5z',
  pause: 'M7 5h3.4v14H7zM13.6 5H17v14h-3.4z',
  volume: 'M4 9.5v5h3.3l4.7 4v-13l-4.7 4zM15 9a4.2 4.2 0 0 1 0 6M17.3 6.5a7.8 7.8 0 0 1 0 11',
  muted: 'M4 9.5v5h3.3l4.7 4v-13l-4.7 4zM15.5 9.8l4.6 4.6M20.1 9.8l-4.6 4.6',
  audio: 'M9 18V6l10-2v12M9 18a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM19 16a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z',
  subtitles: 'M4 5.5h16v13H4zM7 12h4M13.5 12H17M7 15.2h6.5M16 15.2h1',
  pictureInPicture: 'M4 5.5h16v13H4zM12.5 12.5h5v3.5h-5z',
  fullscreen: 'M4 9.5V5h4.5M15.5 5H20v4.5M20 14.5V19h-4.5M8.5 19H4v-4.5',
  exitFullscreen: 'M8.5 5v4.5H4M20 9.5h-4.5V5M15.5 19v-4.5H20M4 14.5h4.5V19',
} as const;

const FILLED = new Set<string>(['play', 'pause']);

export type IconName = keyof typeof PATHS;

/** A drawn symbol of 24 by 24 units in the text's colour; the control that holds it carries the name. */
export function icon(name: IconName): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', FILLED.has(name) ? 'icon icon-filled' : 'icon');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}
