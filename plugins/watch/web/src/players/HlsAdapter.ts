import Hls, { type Level } from 'hls.js';

import { Emitter } from '../Emitter';
import type { AdapterEvents, PlayerAdapter, PlayerStats, Quality, Track } from './PlayerAdapter';

declare const HLS_WORKER_URL: string;

/** HLS, as MPEG-TS or fragmented MP4, played by hls.js. */
export class HlsAdapter extends Emitter<AdapterEvents> implements PlayerAdapter {
  private readonly hls: Hls;
  private mediaErrorRecoveries = 0;
  /** Positions in hls.levels, lowest rendition first. */
  private order: number[] = [];

  constructor(private readonly video: HTMLVideoElement) {
    super();
    this.hls = new Hls({
      workerPath: HLS_WORKER_URL,
      // One request, so that a rendition is chosen by what the first segment measures and not by a guess.
      testBandwidth: true,
      maxBufferLength: 30,
      backBufferLength: 30,
      capLevelToPlayerSize: false,
      subtitleDisplay: true,
      // The browser would turn on the track of its own language; a viewer asks for subtitles.
      subtitlePreference: undefined,
    } as Partial<Hls['config']>);
  }

  load(url: string, startAt: number): Promise<void> {
    const { hls } = this;
    hls.config.startPosition = startAt > 0 ? startAt : -1;
    return new Promise((resolve, reject) => {
      let loaded = false;
      hls.on(Hls.Events.MANIFEST_PARSED, () => {
        this.order = hls.levels.map((_, index) => index).sort((a, b) => compare(hls.levels[a], hls.levels[b]));
        hls.subtitleTrack = -1;
        loaded = true;
        resolve();
        this.emit('tracksChanged', undefined);
      });
      hls.on(Hls.Events.ERROR, (_, data) => {
        if (data.details === Hls.ErrorDetails.BUFFER_STALLED_ERROR) this.emit('stall', undefined);
        if (!data.fatal) return;
        if (data.type === Hls.ErrorTypes.MEDIA_ERROR && loaded && this.mediaErrorRecoveries < 2) {
          this.mediaErrorRecoveries += 1;
          hls.recoverMediaError();
          return;
        }
        const status = data.response?.code ? ` (HTTP ${data.response.code})` : '';
        const message = `hls.js: ${data.details}${status}: ${data.error.message}`;
        if (loaded) this.emit('error', { message, network: data.type === Hls.ErrorTypes.NETWORK_ERROR });
        else reject(new Error(message));
      });
      hls.on(Hls.Events.LEVEL_SWITCHED, (_, { level }) => {
        this.emit('qualityChanged', { index: this.order.indexOf(level) });
      });
      const changed = (): void => this.emit('tracksChanged', undefined);
      hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, changed);
      hls.on(Hls.Events.AUDIO_TRACK_SWITCHED, changed);
      hls.on(Hls.Events.SUBTITLE_TRACKS_UPDATED, changed);
      hls.on(Hls.Events.SUBTITLE_TRACK_SWITCH, changed);
      hls.attachMedia(this.video);
      hls.loadSource(url);
    });
  }

  async destroy(): Promise<void> {
    this.hls.destroy();
  }

  resume(): boolean {
    this.hls.startLoad();
    return true;
  }

  qualities(): Quality[] {
    return this.order.map((index) => {
      const level = this.hls.levels[index];
      return {
        height: level.height,
        bandwidth: level.maxBitrate,
        frameRate: level.frameRate || undefined,
        codecs: [level.videoCodec, level.audioCodec].filter(Boolean).join(',') || undefined,
      };
    });
  }

  selectedQuality(): 'auto' | number {
    return this.hls.autoLevelEnabled ? 'auto' : this.order.indexOf(this.hls.manualLevel);
  }

  setQuality(choice: 'auto' | number): void {
    // nextLevel keeps the fragment on screen and flushes what lies ahead of it: quick, and without a gap.
    this.hls.nextLevel = choice === 'auto' ? -1 : this.order[choice];
    this.emit('tracksChanged', undefined);
  }

  audioTracks(): Track[] {
    return this.hls.audioTracks.map((track) => ({ language: track.lang ?? '', label: track.name }));
  }

  selectedAudio(): number {
    return this.hls.audioTrack;
  }

  setAudio(index: number): void {
    this.hls.audioTrack = index;
  }

  subtitles(): Track[] {
    return this.hls.subtitleTracks.map((track) => ({ language: track.lang ?? '', label: track.name }));
  }

  selectedSubtitle(): 'off' | number {
    return this.hls.subtitleTrack < 0 ? 'off' : this.hls.subtitleTrack;
  }

  setSubtitle(choice: 'off' | number): void {
    this.hls.subtitleTrack = choice === 'off' ? -1 : choice;
  }

  stats(): PlayerStats {
    const estimate = this.hls.bandwidthEstimate;
    return {
      quality: this.order.indexOf(this.hls.currentLevel),
      bandwidthEstimate: Number.isFinite(estimate) ? estimate : undefined,
      version: `hls.js ${Hls.version}`,
    };
  }
}

function compare(a: Level, b: Level): number {
  return a.height - b.height || a.maxBitrate - b.maxBitrate;
}
