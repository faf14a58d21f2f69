import { bufferAhead } from './PlaybackMeter';
import type { PlaybackSession } from './PlaybackSession';

/** One reading of the graph; null where nothing is known. */
export interface Sample {
  /** Seconds since the page was opened. */
  time: number;
  bitsPerSecond: number | null;
  bufferSeconds: number | null;
  height: number | null;
}

export const SAMPLES_PER_SECOND = 2;

export function takeSample(session: PlaybackSession): Sample {
  const { adapter, video, status } = session;
  const ready = status === 'ready' && adapter !== undefined;
  return {
    time: performance.now() / 1000,
    bitsPerSecond: ready ? (adapter.stats().bandwidthEstimate ?? null) : null,
    bufferSeconds: ready ? bufferAhead(video) : null,
    height: ready && video.videoHeight > 0 ? video.videoHeight : null,
  };
}
