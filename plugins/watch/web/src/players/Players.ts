import type { VideoSummary } from '../server/Videos';
import type { Format, PlayerAdapter, PlayerId } from './PlayerAdapter';

export const FORMATS: ReadonlyArray<{ id: Format; label: string }> = [
  { id: 'hls-ts', label: 'HLS · TS' },
  { id: 'hls-fmp4', label: 'HLS · fMP4' },
  { id: 'dash', label: 'DASH' },
  { id: 'progressive', label: 'Progressive' },
];

/** What each player can play, first the format it starts with. */
export const PLAYERS: ReadonlyArray<{ id: PlayerId; label: string; formats: readonly Format[] }> = [
  { id: 'hls.js', label: 'hls.js', formats: ['hls-ts', 'hls-fmp4'] },
  { id: 'dash.js', label: 'dash.js', formats: ['dash'] },
  { id: 'shaka', label: 'Shaka', formats: ['hls-ts', 'hls-fmp4', 'dash'] },
  { id: 'native', label: 'Native', formats: ['progressive'] },
];

export function plays(player: PlayerId, format: Format): boolean {
  return formatsOf(player).includes(format);
}

export function formatsOf(player: PlayerId): readonly Format[] {
  return PLAYERS.find(({ id }) => id === player)?.formats ?? [];
}

/** Which of this server's addresses a format is played from. */
export function sourceOf(video: VideoSummary, format: Format): string {
  switch (format) {
    case 'hls-ts':
      return video.hls;
    case 'hls-fmp4':
      return video.hlsFmp4;
    case 'dash':
      return video.dash;
    case 'progressive':
      return video.progressive;
  }
}

/** The adapter of a player. Its library is fetched on first use. */
export async function createAdapter(
  player: PlayerId,
  element: HTMLVideoElement,
  video: VideoSummary,
): Promise<PlayerAdapter> {
  switch (player) {
    case 'hls.js':
      return new (await import('./HlsAdapter')).HlsAdapter(element);
    case 'dash.js':
      return new (await import('./DashAdapter')).DashAdapter(element, defaultLanguage(video));
    case 'shaka':
      return new (await import('./ShakaAdapter')).ShakaAdapter(element);
    case 'native':
      return new (await import('./NativeAdapter')).NativeAdapter(element, video.renditions, video.subtitles);
  }
}

function defaultLanguage(video: VideoSummary): string | undefined {
  return video.audio.find((track) => track.default)?.language;
}
