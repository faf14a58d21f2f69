import { FORMATS, PLAYERS, formatsOf, plays } from './players/Players';
import type { Format, PlayerId } from './players/PlayerAdapter';

/** What the page's address asks for. */
export interface Wish {
  video?: string;
  player: PlayerId;
  format: Format;
}

/**
 * Reads `/watch/{videoId}` and `?video=&player=&format=`. A player or format that does not exist, or a pair that does not
 * fit, gives way to one that does.
 */
export function readLocation(location: Location): Wish {
  const query = new URLSearchParams(location.search);
  const path = /^\/watch\/([^/]+)$/.exec(location.pathname);
  const video = path ? decodeURIComponent(path[1]) : (query.get('video') ?? undefined);
  const format = FORMATS.find(({ id }) => id === query.get('format'))?.id;
  const player =
    PLAYERS.find(({ id }) => id === query.get('player'))?.id ??
    PLAYERS.find(({ formats }) => format && formats.includes(format))?.id ??
    'hls.js';
  return { video, player, format: format && plays(player, format) ? format : formatsOf(player)[0] };
}

/** The page's address for a video played in this way. */
export function addressFor(video: string, player: PlayerId, format: Format): string {
  return `/watch/${encodeURIComponent(video)}?${new URLSearchParams({ player, format }).toString()}`;
}
