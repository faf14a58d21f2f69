import { MediaPlayer, type MediaInfo, type MediaPlayerClass, type Representation } from 'dashjs';

import { Emitter } from '../Emitter';
import type { AdapterEvents, PlayerAdapter, PlayerStats, Quality, Track } from './PlayerAdapter';

/** MPEG-DASH, played by dash.js. */
export class DashAdapter extends Emitter<AdapterEvents> implements PlayerAdapter {
  private readonly player: MediaPlayerClass = MediaPlayer().create();
  private selected: 'auto' | string = 'auto';

  /** @param language  of the audio to begin with; without it dash.js weighs roles and bit rates. */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly language?: string,
  ) {
    super();
    this.player.updateSettings({
      streaming: {
        buffer: { fastSwitchEnabled: true, bufferTimeDefault: 20, bufferTimeAtTopQuality: 30, bufferToKeep: 30 },
        text: { defaultEnabled: false },
        trackSwitchMode: { audio: 'alwaysReplace', video: 'alwaysReplace' },
        cacheInitSegments: true,
      },
    });
  }

  load(url: string, startAt: number): Promise<void> {
    const { player } = this;
    const events = MediaPlayer.events;
    return new Promise((resolve, reject) => {
      let loaded = false;
      player.on(events.STREAM_INITIALIZED, () => {
        loaded = true;
        resolve();
        this.emit('tracksChanged', undefined);
      });
      player.on(events.ERROR, (event) => {
        const error = (event as { error?: { code?: number; message?: string } | string }).error;
        const text = typeof error === 'object' ? (error.message ?? `error ${error.code}`) : String(error);
        const message = `dash.js: ${text}`;
        // Codes 10 to 36 are of manifests, segments and their requests (dash.js, Errors.js).
        const code = typeof error === 'object' ? (error.code ?? 0) : 0;
        if (loaded) this.emit('error', { message, network: code >= 10 && code <= 36 });
        else reject(new Error(message));
      });
      player.on(events.QUALITY_CHANGE_RENDERED, (event) => {
        const change = event as { mediaType?: string };
        if (change.mediaType === 'video') this.emit('qualityChanged', { index: this.stats().quality });
      });
      player.on(events.BUFFER_EMPTY, (event) => {
        if ((event as { mediaType?: string }).mediaType === 'video') this.emit('stall', undefined);
      });
      const changed = (): void => this.emit('tracksChanged', undefined);
      player.on(events.TEXT_TRACKS_ADDED, changed);
      player.on(events.TRACK_CHANGE_RENDERED, changed);
      player.initialize(this.video, undefined, false);
      if (this.language) player.setInitialMediaSettingsFor('audio', { lang: this.language });
      player.attachSource(url, startAt);
    });
  }

  async destroy(): Promise<void> {
    this.player.destroy();
  }

  resume(): boolean {
    return false;
  }

  private representations(): Representation[] {
    return [...this.player.getRepresentationsByType('video')].sort(
      (a, b) => a.height - b.height || a.bandwidth - b.bandwidth,
    );
  }

  qualities(): Quality[] {
    return this.representations().map((representation) => ({
      height: representation.height,
      bandwidth: representation.bandwidth,
      frameRate: representation.frameRate || undefined,
      codecs: representation.codecs ?? undefined,
    }));
  }

  selectedQuality(): 'auto' | number {
    if (this.selected === 'auto') return 'auto';
    return this.representations().findIndex((representation) => representation.id === this.selected);
  }

  setQuality(choice: 'auto' | number): void {
    const auto = choice === 'auto';
    this.player.updateSettings({ streaming: { abr: { autoSwitchBitrate: { video: auto } } } });
    this.selected = 'auto';
    if (!auto) {
      const { id } = this.representations()[choice];
      this.selected = id;
      // By itself dash.js replaces what is buffered only on the way up; a viewer's choice is to be seen at once both ways.
      this.player.setRepresentationForTypeById('video', id, true);
    }
    this.emit('tracksChanged', undefined);
  }

  audioTracks(): Track[] {
    return this.player.getTracksFor('audio').map(trackOf);
  }

  selectedAudio(): number {
    const current = this.player.getCurrentTrackFor('audio');
    return this.player.getTracksFor('audio').findIndex((track) => track.index === current?.index);
  }

  setAudio(index: number): void {
    this.player.setCurrentTrack(this.player.getTracksFor('audio')[index]);
    this.emit('tracksChanged', undefined);
  }

  subtitles(): Track[] {
    return this.player.getTracksFor('text').map(trackOf);
  }

  selectedSubtitle(): 'off' | number {
    const index = this.player.getCurrentTextTrackIndex();
    return !this.player.isTextEnabled() || index < 0 ? 'off' : index;
  }

  setSubtitle(choice: 'off' | number): void {
    this.player.enableText(choice !== 'off');
    this.player.setTextTrack(choice === 'off' ? -1 : choice);
    this.emit('tracksChanged', undefined);
  }

  stats(): PlayerStats {
    const current = this.player.getCurrentRepresentationForType('video');
    const kilobits = this.player.getAverageThroughput('video');
    return {
      quality: this.representations().findIndex((representation) => representation.id === current?.id),
      bandwidthEstimate: Number.isFinite(kilobits) && kilobits > 0 ? kilobits * 1000 : undefined,
      version: `dash.js ${this.player.getVersion()}`,
    };
  }
}

function trackOf(info: MediaInfo): Track {
  const label = (info.labels as Array<{ text?: string }> | undefined)?.[0]?.text;
  const language = info.lang ?? '';
  return { language, label: label || language || 'Track' };
}
