import { create, setText } from './Dom';
import { clockTime } from './Format';
import type { Thumbnail } from './Thumbnails';

const PREVIEW_WIDTH = 160;

/** The timeline: what is played and loaded, a slider over it, and a picture of the moment under the pointer. */
export class SeekBar {
  readonly element: HTMLElement;
  private readonly slider: HTMLInputElement;
  private readonly buffered = create('div', { className: 'seek-buffered' });
  private readonly played = create('div', { className: 'seek-played' });
  private readonly picture = create('div', { className: 'seek-picture' });
  private readonly moment = create('span', { className: 'seek-moment' });
  private readonly preview = create('div', { className: 'seek-preview', hidden: true }, this.picture, this.moment);
  private thumbnails: Thumbnail[] = [];
  private dragging = false;

  constructor(private readonly video: HTMLVideoElement) {
    this.slider = create('input', { type: 'range', id: 'seek', min: '0', max: '0', step: '0.1', value: '0' });
    this.slider.setAttribute('aria-label', 'Position');
    this.slider.dataset.testid = 'seek';
    const track = create('div', { className: 'seek-track' }, this.buffered, this.played);
    this.element = create('div', { className: 'seek' }, track, this.slider, this.preview);

    this.slider.addEventListener('input', () => {
      this.dragging = true;
      this.show(Number(this.slider.value));
    });
    this.slider.addEventListener('change', () => {
      this.dragging = false;
      this.video.currentTime = Number(this.slider.value);
    });
    this.slider.addEventListener('keydown', (event) => {
      // The slider's own steps are too fine for a keyboard.
      const steps: Record<string, number> = { ArrowLeft: -5, ArrowRight: 5, PageDown: -30, PageUp: 30 };
      if (!(event.key in steps)) return;
      event.preventDefault();
      event.stopPropagation();
      this.video.currentTime = Math.min(Math.max(0, this.video.currentTime + steps[event.key]), this.duration());
    });
    this.element.addEventListener('pointermove', (event) => this.showPreview(event.clientX));
    this.element.addEventListener('pointerleave', () => (this.preview.hidden = true));
    for (const name of ['timeupdate', 'progress', 'durationchange', 'seeking', 'emptied'] as const) {
      video.addEventListener(name, () => this.update());
    }
  }

  setThumbnails(thumbnails: Thumbnail[]): void {
    this.thumbnails = thumbnails;
  }

  private duration(): number {
    return Number.isFinite(this.video.duration) ? this.video.duration : 0;
  }

  private update(): void {
    const duration = this.duration();
    this.slider.max = String(duration);
    this.slider.disabled = duration === 0;
    const { buffered } = this.video;
    const ranges = Array.from({ length: buffered.length }, (_, index) => {
      const range = create('span');
      range.style.left = `${(buffered.start(index) / duration) * 100}%`;
      range.style.width = `${((buffered.end(index) - buffered.start(index)) / duration) * 100}%`;
      return range;
    });
    this.buffered.replaceChildren(...(duration > 0 ? ranges : []));
    if (!this.dragging) this.show(this.video.currentTime);
  }

  private show(seconds: number): void {
    const duration = this.duration();
    if (!this.dragging) this.slider.value = String(seconds);
    this.played.style.width = duration > 0 ? `${(seconds / duration) * 100}%` : '0';
    this.slider.setAttribute('aria-valuetext', `${clockTime(seconds)} of ${clockTime(Math.round(duration))}`);
  }

  private showPreview(clientX: number): void {
    const box = this.element.getBoundingClientRect();
    const duration = this.duration();
    if (duration === 0 || box.width === 0) return;
    const share = Math.min(Math.max((clientX - box.left) / box.width, 0), 1);
    const seconds = share * duration;
    setText(this.moment, clockTime(seconds));
    const found = this.thumbnails.find(({ start, end }) => start <= seconds && seconds < end);
    this.picture.hidden = !found;
    let width = 48;
    if (found) {
      const scale = Math.min(PREVIEW_WIDTH / found.width, 120 / found.height);
      width = found.width * scale;
      Object.assign(this.picture.style, {
        width: `${found.width}px`,
        height: `${found.height}px`,
        zoom: String(scale),
        backgroundImage: `url("${found.url}")`,
        backgroundPosition: `-${found.x}px -${found.y}px`,
      });
    }
    const half = width / 2 + 4;
    this.preview.style.left = `${Math.min(Math.max(share * box.width, half), box.width - half)}px`;
    this.preview.hidden = false;
  }
}
