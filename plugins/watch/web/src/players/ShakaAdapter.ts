import shaka from 'shaka-player/dist/shaka-player.compiled-es2021.js';

import { Emitter } from '../Emitter';
import type { AdapterEvents, PlayerAdapter, PlayerStats, Quality, Track } from './PlayerAdapter';

/** Seconds of the old rendition kept ahead of the picture on a manual switch, so that it does not stop. */
const SWITCH_MARGIN_SECONDS = 1;

/** Shaka's own `abr.bandwidthUpgradeTarget`: the share of the estimated bandwidth that a rendition may need. */
const UPGRADE_SHARE = 0.85;

/** HLS (MPEG-TS through Shaka's own transmuxer, or fragmented MP4) and MPEG-DASH, played by Shaka Player. */
export class ShakaAdapter extends Emitter<AdapterEvents> implements PlayerAdapter {
  private readonly player: shaka.Player;
  private selected: 'auto' | { height: number | null; bandwidth: number } = 'auto';

  constructor(private readonly video: HTMLVideoElement) {
    super();
    shaka.polyfill.installAll();
    this.player = new shaka.Player();
    this.player.configure({
      abr: { clearBufferSwitch: false },
      streaming: {
        bufferingGoal: 30,
        rebufferingGoal: 1,
        bufferBehind: 30,
        gapDetectionThreshold: 0.5,
        // A seek that takes back a prefetched initialization segment leaves Shaka 5.2 waiting for it for ever
        // (shaka-player pull request 10587).
        segmentPrefetchLimit: 0,
      },
    });
  }

  async load(url: string, startAt: number): Promise<void> {
    const { player } = this;
    const listen = (name: string, listener: (event: { detail?: unknown; buffering?: boolean }) => void): void =>
      player.addEventListener(name, (event: unknown) => listener(event as { detail?: unknown; buffering?: boolean }));
    let playing = false;
    listen('error', (event) => {
      const error = event.detail as shaka.util.Error;
      if (error.severity === shaka.util.Error.Severity.CRITICAL) this.emit('error', describe(error));
    });
    listen('adaptation', () => this.qualityChanged());
    listen('variantchanged', () => this.qualityChanged());
    for (const name of ['trackschanged', 'audiotrackschanged', 'textchanged']) {
      listen(name, () => this.emit('tracksChanged', undefined));
    }
    listen('buffering', (event) => {
      if (event.buffering && playing) this.emit('stall', undefined);
    });
    await player.attach(this.video);
    try {
      await player.load(url, startAt > 0 ? startAt : null);
    } catch (error) {
      throw new Error(describe(error as shaka.util.Error).message);
    }
    playing = true;
    this.emit('tracksChanged', undefined);
  }

  async destroy(): Promise<void> {
    await this.player.destroy();
  }

  /** retryStreaming() does not ask again for a media playlist that could not be read. */
  resume(): boolean {
    return false;
  }

  private videoTracks(): shaka.extern.VideoTrack[] {
    return this.player
      .getVideoTracks()
      .sort((a, b) => (a.height ?? 0) - (b.height ?? 0) || a.bandwidth - b.bandwidth);
  }

  private qualityChanged(): void {
    this.emit('qualityChanged', { index: this.stats().quality });
    this.emit('tracksChanged', undefined);
  }

  qualities(): Quality[] {
    return this.videoTracks().map((track) => ({
      height: track.height ?? 0,
      bandwidth: track.bandwidth,
      frameRate: track.frameRate ?? undefined,
      codecs: track.codecs ?? undefined,
    }));
  }

  selectedQuality(): 'auto' | number {
    const { selected } = this;
    if (selected === 'auto') return 'auto';
    return this.videoTracks().findIndex(
      (track) => track.height === selected.height && track.bandwidth === selected.bandwidth,
    );
  }

  setQuality(choice: 'auto' | number): void {
    const tracks = this.videoTracks();
    const track = choice === 'auto' ? this.affordable(tracks) : tracks[choice];
    this.selected = choice === 'auto' ? 'auto' : { height: track.height, bandwidth: track.bandwidth };
    this.player.configure('abr.enabled', false);
    if (!track.active) this.player.selectVideoTrack(track, true, SWITCH_MARGIN_SECONDS);
    this.player.configure('abr.enabled', choice === 'auto');
    this.emit('tracksChanged', undefined);
  }

  /** What adapting would choose. By itself it decides only when the next segment is due, which may be half a minute. */
  private affordable(tracks: shaka.extern.VideoTrack[]): shaka.extern.VideoTrack {
    const limit = this.player.getStats().estimatedBandwidth * UPGRADE_SHARE;
    return tracks.filter(({ bandwidth }) => bandwidth <= limit).at(-1) ?? tracks[0];
  }

  audioTracks(): Track[] {
    return this.player.getAudioTracks().map(trackOf);
  }

  selectedAudio(): number {
    return this.player.getAudioTracks().findIndex((track) => track.active);
  }

  setAudio(index: number): void {
    this.player.selectAudioTrack(this.player.getAudioTracks()[index]);
  }

  subtitles(): Track[] {
    return this.player.getTextTracks().map(trackOf);
  }

  selectedSubtitle(): 'off' | number {
    const index = this.player.getTextTracks().findIndex((track) => track.active);
    return index < 0 ? 'off' : index;
  }

  setSubtitle(choice: 'off' | number): void {
    this.player.selectTextTrack(choice === 'off' ? null : this.player.getTextTracks()[choice]);
    this.emit('tracksChanged', undefined);
  }

  stats(): PlayerStats {
    const estimate = this.player.getStats().estimatedBandwidth;
    return {
      quality: this.videoTracks().findIndex((track) => track.active),
      bandwidthEstimate: Number.isFinite(estimate) ? estimate : undefined,
      version: `Shaka ${shaka.Player.version}`,
    };
  }
}

function trackOf(track: { language: string; originalLanguage: string | null; label: string | null }): Track {
  const language = track.originalLanguage || track.language;
  return { language, label: track.label || language || 'Track' };
}

function describe(error: shaka.util.Error): { message: string; network: boolean } {
  const name = Object.entries(shaka.util.Error.Code).find(([, code]) => code === error.code)?.[0];
  const network =
    error.category === shaka.util.Error.Category.NETWORK || error.category === shaka.util.Error.Category.MANIFEST;
  const details = (error.data ?? []).filter((item: unknown) => typeof item === 'string' || typeof item === 'number');
  return {
    message: `Shaka: ${name ?? 'error'} (${error.code})${details.length > 0 ? `: ${details.join(', ')}` : ''}`,
    network,
  };
}
