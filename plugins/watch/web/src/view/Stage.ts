import { isStarved } from '../playback/PlaybackMeter';
import type { PlaybackSession } from '../playback/PlaybackSession';
import { byId, setText } from './Dom';
import { icon } from './Icons';

const SPINNER_DELAY_MILLISECONDS = 300;
const IDLE_MILLISECONDS = 2500;
const OUTAGE_TITLE = 'Streaming is off on this server';

/** What lies over the picture: the large play button, the spinner, and messages. */
export class Stage {
  private readonly play = byId<HTMLButtonElement>('stage-play');
  private readonly spinner = byId('spinner');
  private readonly message = byId('stage-message');
  private readonly retry = byId('retry');
  private spinnerTimer = 0;
  private idleTimer = 0;
  private outage?: string;

  constructor(
    private readonly frame: HTMLElement,
    private readonly session: PlaybackSession,
    togglePlay: () => void,
  ) {
    const { video } = session;
    this.play.append(icon('play'));
    this.play.addEventListener('click', () => {
      togglePlay();
      frame.focus({ preventScroll: true });
    });
    this.retry.addEventListener('click', () => void session.retry());
    video.addEventListener('click', togglePlay);
    for (const name of ['play', 'pause', 'playing', 'waiting', 'ratechange', 'seeking', 'seeked', 'canplay'] as const) {
      video.addEventListener(name, () => this.update());
    }
    session.on('statusChanged', (status) => {
      if (status === 'error') this.sayError();
      else this.update();
    });
    for (const name of ['pointermove', 'keydown', 'focusin'] as const) {
      frame.addEventListener(name, () => this.wake());
    }
  }

  /** Why no media can come now, if the page knows: shown as soon as the picture stands for want of it. */
  setOutage(detail: string | undefined): void {
    if (detail === this.outage) return;
    this.outage = detail;
    if (this.session.status === 'error') this.sayError();
    else this.update();
  }

  private sayError(): void {
    const { lastError } = this.session;
    if (this.outage !== undefined && lastError?.network) this.say(OUTAGE_TITLE, this.outage, true);
    else this.say('This video stopped playing', lastError?.message ?? '', true);
  }

  /** Shows a message in place of the picture. */
  say(title: string, detail: string, retry = false): void {
    this.show(title, detail, retry);
    this.update();
  }

  private show(title: string, detail: string, retry: boolean): void {
    setText(byId('stage-message-title'), title);
    setText(byId('stage-message-detail'), detail);
    this.retry.hidden = !retry;
    this.message.hidden = false;
  }

  private update(): void {
    const { video, status } = this.session;
    const starved = status === 'ready' && isStarved(video);
    const loads = status === 'loading' || status === 'ready';
    if (loads && !(starved && this.outage !== undefined)) this.message.hidden = true;
    this.play.hidden = status !== 'ready' || !video.paused || video.seeking;
    const busy = status === 'loading' || starved;
    window.clearTimeout(this.spinnerTimer);
    if (!busy) this.spinner.hidden = true;
    else this.spinnerTimer = window.setTimeout(() => this.showWait(starved), SPINNER_DELAY_MILLISECONDS);
    this.wake();
  }

  private showWait(starved: boolean): void {
    const { outage } = this;
    this.spinner.hidden = starved && outage !== undefined;
    if (starved && outage !== undefined) this.show(OUTAGE_TITLE, outage, false);
  }

  /** In fullscreen the bar goes away while nobody moves and the video runs. */
  private wake(): void {
    this.frame.classList.remove('idle');
    window.clearTimeout(this.idleTimer);
    this.idleTimer = window.setTimeout(() => {
      const inUse = this.frame.querySelector('.bar :focus-visible, .menu:not([hidden])');
      if (!this.session.video.paused && !inUse) this.frame.classList.add('idle');
    }, IDLE_MILLISECONDS);
  }
}
