/** The container and manifest that a player is given. */
export type Format = 'hls-ts' | 'hls-fmp4' | 'dash' | 'progressive';

export type PlayerId = 'hls.js' | 'dash.js' | 'shaka' | 'native';

/** One rendition that a viewer can pick. Its place in `qualities()` is its index. */
export interface Quality {
  height: number;
  /** Bits per second, as the manifest states it. */
  bandwidth: number;
  frameRate?: number;
  codecs?: string;
}

/** An audio or subtitle track. Its place in the list is its index. */
export interface Track {
  language: string;
  label: string;
}

/** What a player knows at this moment; absent where it cannot tell. */
export interface PlayerStats {
  /** Index in `qualities()` of the rendition on screen, or -1. */
  quality: number;
  /** Bits per second that the player believes the network gives. */
  bandwidthEstimate?: number;
  version: string;
}

export interface AdapterError {
  message: string;
  /** The cause was the network or the server, so that trying again later makes sense. */
  network: boolean;
}

/** What happens in an adapter; `tracksChanged` says that one of the lists below is not what it was. */
export interface AdapterEvents {
  error: AdapterError;
  qualityChanged: { index: number };
  tracksChanged: undefined;
  /** The player reports that it ran out of media. The picture's own stalls are measured by PlaybackMeter. */
  stall: undefined;
}

/**
 * One player library behind one face. An adapter plays one source in one video element, once: load() is called first and
 * once, and nothing after destroy(). Errors after load() has resolved arrive as the event `error`, and the player loads no
 * more; what a player recovers from by itself is not reported.
 */
export interface PlayerAdapter {
  /** Resolves when the manifest is read; rejects with an Error whose message a viewer may read. */
  load(url: string, startAt: number): Promise<void>;
  destroy(): Promise<void>;

  /** Goes on loading after a network error. False when this player cannot, and is to be loaded afresh. */
  resume(): boolean;

  /** Renditions, lowest first. */
  qualities(): Quality[];
  /** The rendition asked for, or 'auto'. */
  selectedQuality(): 'auto' | number;
  /** Switches at once: media ahead of the current position in another rendition is thrown away. */
  setQuality(choice: 'auto' | number): void;

  audioTracks(): Track[];
  selectedAudio(): number;
  setAudio(index: number): void;

  subtitles(): Track[];
  selectedSubtitle(): 'off' | number;
  setSubtitle(choice: 'off' | number): void;

  stats(): PlayerStats;
  on<Name extends keyof AdapterEvents>(name: Name, listener: (detail: AdapterEvents[Name]) => void): void;
}
