import { Emitter } from '../Emitter';
import type { RenditionSummary, SubtitleSummary } from '../server/Videos';
import type { AdapterEvents, PlayerAdapter, PlayerStats, Quality, Track } from './PlayerAdapter';

/**
 * One MP4 file, played by the browser alone. There is nothing to adapt: 'auto' is what the server gives without
 * `?quality=`, and a choice loads that rendition's file at the same position.
 */
export class NativeAdapter extends Emitter<AdapterEvents> implements PlayerAdapter {
  private readonly cleanUp = new AbortController();
  private readonly renditions: RenditionSummary[];
  private url = '';
  private selected: 'auto' | number = 'auto';
  private subtitle: 'off' | number = 'off';
  private tracks: HTMLTrackElement[] = [];

  constructor(
    private readonly video: HTMLVideoElement,
    renditions: readonly RenditionSummary[],
    private readonly subtitleFiles: readonly SubtitleSummary[],
  ) {
    super();
    this.renditions = [...renditions].sort((a, b) => a.height - b.height || a.bandwidth - b.bandwidth);
  }

  async load(url: string, startAt: number): Promise<void> {
    this.url = url;
    this.tracks = this.subtitleFiles.map(({ language, label, url: source }) => {
      const track = document.createElement('track');
      Object.assign(track, { kind: 'subtitles', srclang: language, label, src: source });
      this.video.append(track);
      track.track.mode = 'disabled';
      return track;
    });
    await this.open(url, startAt);
    const { signal } = this.cleanUp;
    this.video.addEventListener('error', () => this.emit('error', this.failure()), { signal });
    this.video.addEventListener('waiting', () => this.emit('stall', undefined), { signal });
    this.emit('tracksChanged', undefined);
  }

  private open(url: string, startAt: number): Promise<void> {
    const { video } = this;
    return new Promise((resolve, reject) => {
      const once = new AbortController();
      const { signal } = once;
      const done = (finish: () => void): void => {
        once.abort();
        finish();
      };
      video.addEventListener('loadedmetadata', () => done(resolve), { signal });
      video.addEventListener('error', () => done(() => reject(new Error(this.failure().message))), { signal });
      this.cleanUp.signal.addEventListener('abort', () => done(resolve), { signal });
      video.src = url;
      // A start before the metadata is there becomes the default playback position (HTML, "official playback position").
      video.currentTime = startAt;
    });
  }

  private failure(): { message: string; network: boolean } {
    const error = this.video.error;
    return {
      message: `The browser could not play the file: ${error?.message || `media error ${error?.code ?? ''}`}`,
      network: error?.code === MediaError.MEDIA_ERR_NETWORK,
    };
  }

  async destroy(): Promise<void> {
    this.cleanUp.abort();
    for (const track of this.tracks) track.remove();
    this.video.removeAttribute('src');
    this.video.load();
  }

  resume(): boolean {
    return false;
  }

  qualities(): Quality[] {
    return this.renditions.map(({ height, bandwidth, frameRate, codecs }) => ({ height, bandwidth, frameRate, codecs }));
  }

  selectedQuality(): 'auto' | number {
    return this.selected;
  }

  setQuality(choice: 'auto' | number): void {
    this.selected = choice;
    const { currentTime, paused, playbackRate } = this.video;
    const name = choice === 'auto' ? '' : `?quality=${encodeURIComponent(this.renditions[choice].name)}`;
    this.open(this.url + name, currentTime)
      .then(() => {
        this.video.playbackRate = playbackRate;
        if (!paused) void this.video.play();
        this.emit('qualityChanged', { index: this.stats().quality });
        this.emit('tracksChanged', undefined);
      })
      .catch((error: Error) => this.emit('error', { message: error.message, network: false }));
  }

  /** The file holds the default language alone. */
  audioTracks(): Track[] {
    return [];
  }

  selectedAudio(): number {
    return 0;
  }

  setAudio(): void {}

  subtitles(): Track[] {
    return this.subtitleFiles.map(({ language, label }) => ({ language, label }));
  }

  selectedSubtitle(): 'off' | number {
    return this.subtitle;
  }

  setSubtitle(choice: 'off' | number): void {
    this.subtitle = choice;
    this.tracks.forEach((track, index) => (track.track.mode = index === choice ? 'showing' : 'disabled'));
    this.emit('tracksChanged', undefined);
  }

  stats(): PlayerStats {
    return {
      quality: this.renditions.findIndex(({ height }) => height === this.video.videoHeight),
      version: 'The browser',
    };
  }
}
