/** What a viewer felt since a source was opened. Times are in seconds. */
export interface Experience {
  /** From opening the source to its first picture; absent until then. */
  startupSeconds?: number;
  stalls: number;
  stalledSeconds: number;
  droppedFrames: number;
  totalFrames: number;
}

export interface Stall {
  seconds: number;
  /** What was loaded ahead when the picture stopped: with plenty of it, the network was in time and the decoder late. */
  bufferedSeconds: number;
}

/**
 * Measures one video element from outside of any player: so the figures of different players can be compared. A stall is
 * a stop while it should play, mostly for want of media; waiting for the first picture or after a seek is none.
 */
export class PlaybackMeter {
  private openedAt = performance.now();
  private startupSeconds?: number;
  private stalls = 0;
  private stalledSeconds = 0;
  private stallBegan?: number;
  private bufferedAtStall = 0;
  private settled = false;
  private framesBefore = { dropped: 0, total: 0 };

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly onStall: (stall: Stall) => void,
  ) {
    video.addEventListener('loadeddata', () => {
      this.startupSeconds ??= (performance.now() - this.openedAt) / 1000;
    });
    video.addEventListener('playing', () => {
      this.endStall();
      this.settled = true;
    });
    video.addEventListener('waiting', () => this.beginStall());
    video.addEventListener('ratechange', () => {
      if (video.playbackRate === 0) this.beginStall();
      else if (!isStarved(video)) this.endStall();
    });
    for (const name of ['seeking', 'emptied', 'pause'] as const) {
      video.addEventListener(name, () => {
        this.endStall();
        if (name !== 'pause') this.settled = false;
      });
    }
  }

  /** A new source is about to be opened: everything counts from here. */
  reset(): void {
    const frames = this.video.getVideoPlaybackQuality();
    this.framesBefore = { dropped: frames.droppedVideoFrames, total: frames.totalVideoFrames };
    this.openedAt = performance.now();
    this.startupSeconds = undefined;
    this.stalls = 0;
    this.stalledSeconds = 0;
    this.stallBegan = undefined;
    this.settled = false;
  }

  read(): Experience {
    const frames = this.video.getVideoPlaybackQuality();
    // The element starts its counters again with a new source, so the earlier reading may be the larger one.
    const began = frames.totalVideoFrames >= this.framesBefore.total ? this.framesBefore : { dropped: 0, total: 0 };
    const running = this.stallBegan === undefined ? 0 : (performance.now() - this.stallBegan) / 1000;
    return {
      startupSeconds: this.startupSeconds,
      stalls: this.stalls + (this.stallBegan === undefined ? 0 : 1),
      stalledSeconds: this.stalledSeconds + running,
      droppedFrames: frames.droppedVideoFrames - began.dropped,
      totalFrames: frames.totalVideoFrames - began.total,
    };
  }

  private beginStall(): void {
    const { seeking, paused, ended } = this.video;
    if (!this.settled || seeking || paused || ended || this.stallBegan !== undefined) return;
    this.stallBegan = performance.now();
    this.bufferedAtStall = bufferAhead(this.video);
  }

  private endStall(): void {
    if (this.stallBegan === undefined) return;
    const seconds = (performance.now() - this.stallBegan) / 1000;
    this.stallBegan = undefined;
    this.stalls += 1;
    this.stalledSeconds += seconds;
    this.onStall({ seconds, bufferedSeconds: this.bufferedAtStall });
  }
}

/** Whether the picture stands for want of media. Shaka lets it stand by a playback rate of 0. */
export function isStarved(video: HTMLVideoElement): boolean {
  if (video.paused || video.ended) return false;
  return video.playbackRate === 0 || video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
}

/** Seconds of media that are loaded from the current position on. */
export function bufferAhead(video: HTMLVideoElement): number {
  const { buffered, currentTime } = video;
  // Players may start a frame after the position asked for; that is no hole.
  const tolerance = 0.25;
  for (let index = 0; index < buffered.length; index += 1) {
    if (buffered.start(index) <= currentTime + tolerance && currentTime < buffered.end(index)) {
      return buffered.end(index) - currentTime;
    }
  }
  return 0;
}
