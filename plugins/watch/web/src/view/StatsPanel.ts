import { bufferAhead } from '../playback/PlaybackMeter';
import type { PlaybackSession } from '../playback/PlaybackSession';
import { create, setText } from './Dom';
import { bitRate, plural } from './Format';

const NOTHING = '–';

/** The figures of the playback, in the order in which they are shown. */
const FIGURES: ReadonlyArray<{ id: string; label: string; read(session: PlaybackSession): string }> = [
  {
    id: 'resolution',
    label: 'Resolution',
    read: ({ video }) => (video.videoWidth > 0 ? `${video.videoWidth} × ${video.videoHeight}` : NOTHING),
  },
  {
    id: 'rendition',
    label: 'Rendition',
    read: ({ adapter, status }) => {
      if (!adapter || status !== 'ready') return NOTHING;
      const quality = adapter.qualities()[adapter.stats().quality];
      if (!quality) return NOTHING;
      return `${quality.height}p${adapter.selectedQuality() === 'auto' ? ', automatic' : ', chosen'}`;
    },
  },
  {
    id: 'bitrate',
    label: 'Bitrate',
    read: ({ adapter, status }) => {
      const quality = status === 'ready' ? adapter?.qualities()[adapter.stats().quality] : undefined;
      return quality ? bitRate(quality.bandwidth) : NOTHING;
    },
  },
  {
    id: 'bandwidth',
    label: 'Bandwidth',
    read: ({ adapter, status }) => {
      const estimate = status === 'ready' ? adapter?.stats().bandwidthEstimate : undefined;
      return estimate === undefined ? NOTHING : bitRate(estimate);
    },
  },
  { id: 'buffer', label: 'Buffer', read: ({ video }) => `${bufferAhead(video).toFixed(1)} s` },
  {
    id: 'startup',
    label: 'Startup',
    read: ({ meter }) => {
      const seconds = meter.read().startupSeconds;
      return seconds === undefined ? NOTHING : `${Math.round(seconds * 1000)} ms`;
    },
  },
  {
    id: 'stalls',
    label: 'Stalls',
    read: ({ meter }) => {
      const { stalls, stalledSeconds } = meter.read();
      return stalls === 0 ? 'none' : `${stalls}, ${stalledSeconds.toFixed(1)} s`;
    },
  },
  {
    id: 'frames',
    label: 'Dropped frames',
    read: ({ meter }) => {
      const { droppedFrames, totalFrames } = meter.read();
      return `${droppedFrames} of ${totalFrames}`;
    },
  },
  {
    id: 'errors',
    label: 'Errors',
    read: ({ errors }) => (errors === 0 ? 'none' : plural(errors, 'error')),
  },
  { id: 'player', label: 'Player', read: ({ adapter }) => adapter?.stats().version ?? NOTHING },
];

export class StatsPanel {
  private readonly values: HTMLElement[];

  constructor(
    element: HTMLElement,
    private readonly session: PlaybackSession,
  ) {
    this.values = FIGURES.map(({ id, label }) => {
      const value = create('dd', { dataset: { testid: `stat-${id}` } }, NOTHING);
      element.append(create('div', {}, create('dt', {}, label), value));
      return value;
    });
  }

  update(): void {
    FIGURES.forEach(({ read }, index) => setText(this.values[index], read(this.session)));
  }
}
