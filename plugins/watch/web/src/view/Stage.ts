import { isStarved } from '../playback/PlaybackMeter';
import type { PlaybackSession } from '../playback/PlaybackSession';
import { byId, setText } from './Dom';
import { icon } from './Icons';

const SPINNER_DELAY_MILLISECONDS = 300;
const IDLE_MILLISECONDS = 2500;

/** What lies over the picture: the large play button, the spinner, and messages. */
export class Stage {
  private readonly play = byId<HTMLButtonElement>('stage-play');
  private readonly spinner = byId('spinner');
  private readonly message = byId('stage-message');
  private readonly retry = byId('retry');
  private spinnerTimer = 0;
  private idleTimer = 0;

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
      if (status === 'error') this.say('This video stopped playing', session.lastError?.message ?? '', true);
      else this.update();
    });
    for (const name of ['pointermove', 'keydown', 'focusin'] as const) {
      frame.addEventListener(name, () => this.wake());
    }
  }

  /** Shows a message in place of the picture. */
  say(title: string, detail: string, retry = false): void {
    setText(byId('stage-message-title'), title);
    setText(byId('stage-message-detail'), detail);
    this.retry.hidden = !retry;
    this.message.hidden = false;
    this.update();
  }

  private update(): void {
    const { video, status } = this.session;
    if (status === 'loading' || status === 'ready') this.message.hidden = true;
    this.play.hidden = status !== 'ready' || !video.paused || video.seeking;
    const busy = status === 'loading' || (status === 'ready' && isStarved(video));
    window.clearTimeout(this.spinnerTimer);
    if (!busy) this.spinner.hidden = true;
    else this.spinnerTimer = window.setTimeout(() => (this.spinner.hidden = false), SPINNER_DELAY_MILLISECONDS);
    this.wake();
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
