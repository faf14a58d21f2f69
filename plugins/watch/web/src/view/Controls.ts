import type { PlaybackSession } from '../playback/PlaybackSession';
import { create, setText } from './Dom';
import { bitRate, clockTime, trackName } from './Format';
import { icon, type IconName } from './Icons';
import { Menu, type Choice } from './Menu';
import { SeekBar } from './SeekBar';

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** The control bar under the picture. */
export class Controls {
  readonly seekBar: SeekBar;
  private readonly video: HTMLVideoElement;
  private readonly play = button('play', 'Play', 'play');
  private readonly mute = button('mute', 'Mute', 'volume');
  private readonly volume = create('input', { type: 'range', id: 'volume', min: '0', max: '1', step: '0.05' });
  private readonly time = create('span', { className: 'time', id: 'time' });
  private readonly quality = new Menu('Quality', 'quality');
  private readonly audio = new Menu('Audio', 'audio', 'audio');
  private readonly subtitles = new Menu('Subtitles', 'subtitles', 'subtitles');
  private readonly speed = new Menu('Speed', 'speed');
  private readonly pictureInPicture = button('picture-in-picture', 'Picture in picture', 'pictureInPicture');
  private readonly fullscreen = button('fullscreen', 'Fullscreen', 'fullscreen');

  constructor(
    bar: HTMLElement,
    private readonly frame: HTMLElement,
    private readonly session: PlaybackSession,
  ) {
    this.video = session.video;
    this.seekBar = new SeekBar(this.video);
    this.volume.setAttribute('aria-label', 'Volume');
    this.time.dataset.testid = 'time';
    bar.append(
      this.seekBar.element,
      this.play,
      create('div', { className: 'volume' }, this.mute, this.volume),
      this.time,
      create('span', { className: 'bar-space' }),
      this.quality.element,
      this.audio.element,
      this.subtitles.element,
      this.speed.element,
      this.pictureInPicture,
      this.fullscreen,
    );
    this.listen();
    this.showState();
    this.showTracks();
  }

  togglePlay(): void {
    if (this.video.paused) void this.video.play().catch(() => undefined);
    else this.video.pause();
  }

  toggleMute(): void {
    this.video.muted = !this.video.muted;
  }

  toggleFullscreen(): void {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void this.frame.requestFullscreen().catch(() => undefined);
  }

  /** Subtitles off, or the first ones on. */
  toggleSubtitles(): void {
    const { adapter } = this.session;
    if (!adapter || adapter.subtitles().length === 0) return;
    adapter.setSubtitle(adapter.selectedSubtitle() === 'off' ? 0 : 'off');
  }

  private listen(): void {
    const { video } = this;
    this.play.addEventListener('click', () => this.togglePlay());
    this.mute.addEventListener('click', () => this.toggleMute());
    this.volume.addEventListener('input', () => {
      video.volume = Number(this.volume.value);
      video.muted = video.volume === 0;
    });
    this.fullscreen.hidden = !document.fullscreenEnabled;
    this.fullscreen.addEventListener('click', () => this.toggleFullscreen());
    this.pictureInPicture.hidden = !document.pictureInPictureEnabled;
    this.pictureInPicture.addEventListener('click', () => {
      const leaving = document.pictureInPictureElement === video;
      const change = leaving ? document.exitPictureInPicture() : video.requestPictureInPicture();
      void change.catch(() => undefined);
    });
    for (const name of ['play', 'pause', 'ended', 'volumechange', 'timeupdate', 'durationchange', 'emptied'] as const) {
      video.addEventListener(name, () => this.showState());
    }
    document.addEventListener('fullscreenchange', () => this.showState());
    video.addEventListener('ratechange', () => this.showTracks());
    video.addEventListener('resize', () => this.showTracks());
    for (const name of ['tracksChanged', 'qualityChanged', 'sourceChanged'] as const) {
      this.session.on(name, () => this.showTracks());
    }
  }

  private showState(): void {
    const { video } = this;
    const silent = video.muted || video.volume === 0;
    face(this.play, video.paused ? 'Play' : 'Pause', video.paused ? 'play' : 'pause');
    face(this.mute, silent ? 'Unmute' : 'Mute', silent ? 'muted' : 'volume');
    this.volume.value = String(silent ? 0 : video.volume);
    this.volume.style.setProperty('--value', this.volume.value);
    const full = document.fullscreenElement !== null;
    face(this.fullscreen, full ? 'Leave fullscreen' : 'Fullscreen', full ? 'exitFullscreen' : 'fullscreen');
    setText(this.time, `${clockTime(video.currentTime)} / ${clockTime(Math.round(video.duration))}`);
  }

  private showTracks(): void {
    const { session } = this;
    const adapter = session.status === 'ready' ? session.adapter : undefined;
    const qualities = adapter?.qualities() ?? [];
    const selected = adapter?.selectedQuality() ?? 'auto';
    const auto: Choice = { label: 'Auto', selected: selected === 'auto', choose: () => adapter?.setQuality('auto') };
    const renditions = qualities.map((quality, index): Choice => ({
      label: `${quality.height}p`,
      detail: bitRate(quality.bandwidth),
      selected: selected === index,
      choose: () => adapter?.setQuality(index),
    }));
    const caption = selected === 'auto' ? 'Auto' : `${qualities[selected]?.height ?? ''}p`;
    this.quality.update(qualities.length > 0 ? [...renditions.reverse(), auto] : [], caption);

    const selectedAudio = adapter?.selectedAudio();
    this.audio.update(
      (adapter?.audioTracks() ?? []).map((track, index) => ({
        label: trackName(track),
        selected: index === selectedAudio,
        choose: () => adapter?.setAudio(index),
      })),
    );

    const subtitles = adapter?.subtitles() ?? [];
    const subtitle = adapter?.selectedSubtitle() ?? 'off';
    const off: Choice = { label: 'Off', selected: subtitle === 'off', choose: () => adapter?.setSubtitle('off') };
    const languages = subtitles.map((track, index) => ({
      label: trackName(track),
      selected: index === subtitle,
      choose: () => adapter?.setSubtitle(index),
    }));
    this.subtitles.update(subtitles.length > 0 ? [off, ...languages] : []);

    const speeds = SPEEDS.map((speed) => ({
      label: `${speed}×`,
      selected: session.speed === speed,
      choose: () => session.setSpeed(speed),
    }));
    this.speed.update(speeds, `${session.speed}×`);
  }
}

function button(id: string, name: string, symbol: IconName): HTMLButtonElement {
  const element = create('button', { type: 'button', className: 'control', id, dataset: { testid: id } });
  face(element, name, symbol);
  return element;
}

/** Gives a button its name and symbol; leaves it alone when it has them. */
function face(element: HTMLButtonElement, name: string, symbol: IconName): void {
  if (element.title === name) return;
  element.title = name;
  element.setAttribute('aria-label', name);
  element.replaceChildren(icon(symbol));
}
