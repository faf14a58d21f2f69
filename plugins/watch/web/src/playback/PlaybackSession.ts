import { Emitter } from '../Emitter';
import type { AdapterError, Format, PlayerAdapter, PlayerId } from '../players/PlayerAdapter';
import { createAdapter, formatsOf, plays, sourceOf } from '../players/Players';
import type { VideoSummary } from '../server/Videos';
import { PlaybackMeter, type Stall, bufferAhead, isStarved } from './PlaybackMeter';

export interface Source {
  video: VideoSummary;
  player: PlayerId;
  format: Format;
  /** The manifest's or file's address, absolute. */
  url: string;
}

/** With less media ahead than this, a picture is about to stop. */
const PLAYABLE_SECONDS = 0.3;

/** For which a network error may still be of a request from before the server came back. */
const LATE_ERROR_MILLISECONDS = 10_000;

export type SessionStatus = 'idle' | 'loading' | 'ready' | 'error';

interface SessionEvents {
  sourceChanged: Source;
  statusChanged: SessionStatus;
  tracksChanged: undefined;
  qualityChanged: { index: number };
  stall: Stall;
  /** Also for an error that does not stop the picture yet; then the status stays 'ready'. */
  error: AdapterError;
}

/** What is playing, and by which player. Opening another source destroys the player before. */
export class PlaybackSession extends Emitter<SessionEvents> {
  readonly meter: PlaybackMeter;
  status: SessionStatus = 'idle';
  source?: Source;
  adapter?: PlayerAdapter;
  lastError?: AdapterError;
  errors = 0;
  /** What the viewer chose. The element's own rate may be 0 meanwhile: so Shaka waits for media. */
  speed = 1;
  /** Opens come one after the other; the newest makes those before it give up. */
  private newest = 0;
  private queue: Promise<void> = Promise.resolve();
  private supersede: () => void = () => undefined;
  /** Where and how to go on when the element itself cannot tell: while loading, and after an error. */
  private resume = { at: 0, playing: false };
  /** Whether the viewer had it play, also when an error of the element's own has paused it since. */
  private playedBeforeError = false;
  /** A network error that the viewer does not feel yet, because there is media ahead. */
  private held?: AdapterError;
  private lateErrorsUntil = 0;

  constructor(readonly video: HTMLVideoElement) {
    super();
    this.meter = new PlaybackMeter(video, (stall) => this.emit('stall', stall));
    video.addEventListener('play', () => (this.playedBeforeError = true));
    video.addEventListener('pause', () => {
      if (!video.error) this.playedBeforeError = false;
    });
    for (const name of ['waiting', 'ratechange', 'seeking'] as const) {
      video.addEventListener(name, () => {
        if (this.held && !this.canPlayOn()) this.stop(this.held);
      });
    }
  }

  /** Plays `video`, with the player and format of before when these are not given. */
  open(
    video: VideoSummary,
    how: { player?: PlayerId; format?: Format; startAt?: number; play?: boolean } = {},
  ): Promise<void> {
    const player = how.player ?? this.source?.player ?? 'hls.js';
    const wanted = how.format ?? this.source?.format;
    const format = wanted && plays(player, wanted) ? wanted : formatsOf(player)[0];
    const url = new URL(sourceOf(video, format), window.location.href).href;
    this.newest += 1;
    const turn = this.newest;
    const source = { video, player, format, url };
    this.source = source;
    this.resume = { at: how.startAt ?? 0, playing: how.play ?? false };
    this.errors = 0;
    this.lastError = undefined;
    this.held = undefined;
    this.emit('sourceChanged', source);
    this.setStatus('loading');
    this.supersede();
    this.queue = this.queue.then(() => this.replace(turn, source, how.startAt ?? 0, how.play ?? false));
    return this.queue;
  }

  /** Plays the same video in another way, from the same position. */
  switchTo(how: { player?: PlayerId; format?: Format }): Promise<void> {
    if (!this.source) return Promise.resolve();
    return this.open(this.source.video, { ...how, startAt: this.position(), play: this.isPlaying() });
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.video.playbackRate = speed;
  }

  /** Starts the player afresh at the position where it failed. */
  retry(): Promise<void> {
    if (!this.source) return Promise.resolve();
    return this.open(this.source.video, { startAt: this.position(), play: true });
  }

  /** The server can be reached again: what a network error stopped, or was about to stop, goes on. */
  recover(): void {
    this.lateErrorsUntil = performance.now() + LATE_ERROR_MILLISECONDS;
    this.goOn();
  }

  private goOn(): void {
    if (this.status === 'error' && this.lastError?.network) {
      void this.open((this.source as Source).video, { startAt: this.position(), play: this.isPlaying() });
    } else if (this.held) {
      this.held = undefined;
      if (!this.adapter?.resume()) void this.switchTo({});
    }
  }

  private position(): number {
    return this.status === 'ready' ? this.video.currentTime : this.resume.at;
  }

  private isPlaying(): boolean {
    if (this.status !== 'ready') return this.resume.playing;
    const { paused, ended, error } = this.video;
    return !ended && (error ? this.playedBeforeError : !paused);
  }

  private async replace(turn: number, source: Source, startAt: number, play: boolean): Promise<void> {
    const before = this.adapter;
    this.adapter = undefined;
    await before?.destroy();
    if (turn !== this.newest) return;
    this.meter.reset();
    this.video.poster = startAt > 0 ? '' : source.video.poster;
    try {
      const adapter = await createAdapter(source.player, this.video, source.video);
      this.adapter = adapter;
      if (turn !== this.newest) return;
      adapter.on('error', (error) => this.fail(turn, error));
      adapter.on('tracksChanged', () => this.emit('tracksChanged', undefined));
      adapter.on('qualityChanged', (change) => this.emit('qualityChanged', change));
      const superseded = new Promise<void>((resolve) => (this.supersede = resolve));
      await Promise.race([adapter.load(source.url, startAt), superseded]);
    } catch (error) {
      this.fail(turn, { message: error instanceof Error ? error.message : String(error), network: true });
      return;
    }
    if (turn !== this.newest || this.status === 'error') return;
    this.video.playbackRate = this.speed;
    this.setStatus('ready');
    this.emit('tracksChanged', undefined);
    // A browser may refuse to start by itself; then the play button is there.
    if (play) await this.video.play().catch(() => undefined);
  }

  private fail(turn: number, error: AdapterError): void {
    if (turn !== this.newest) return;
    this.errors += 1;
    this.lastError = error;
    this.emit('error', error);
    if (error.network && this.canPlayOn()) this.held = error;
    else this.stop(error);
    if (error.network && performance.now() < this.lateErrorsUntil) {
      this.lateErrorsUntil = 0;
      this.goOn();
    }
  }

  private canPlayOn(): boolean {
    return this.status === 'ready' && !isStarved(this.video) && bufferAhead(this.video) >= PLAYABLE_SECONDS;
  }

  private stop(error: AdapterError): void {
    this.held = undefined;
    this.lastError = error;
    this.resume = { at: Math.max(this.resume.at, this.video.currentTime), playing: this.isPlaying() };
    this.video.pause();
    this.setStatus('error');
  }

  private setStatus(status: SessionStatus): void {
    if (this.status === status) return;
    this.status = status;
    this.emit('statusChanged', status);
  }
}
