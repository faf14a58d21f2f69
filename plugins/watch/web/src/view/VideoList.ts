import type { VideoListing, VideoSummary } from '../server/Videos';
import { byId, create } from './Dom';
import { clockTime, plural } from './Format';

/** The videos as cards. Each is a link to its own address, so that it can be opened, kept and shared. */
export class VideoList {
  private readonly links = new Map<string, HTMLAnchorElement>();

  constructor(
    private readonly list: HTMLElement,
    private readonly addressOf: (video: VideoSummary) => string,
    private readonly choose: (video: VideoSummary) => void,
  ) {
    list.append(...[1, 2].map(() => create('li', { className: 'video-card placeholder', ariaHidden: 'true' })));
  }

  show(listing: VideoListing): void {
    this.links.clear();
    this.list.replaceChildren(...listing.videos.map((video) => create('li', {}, this.card(video))));
    this.list.setAttribute('aria-busy', 'false');
    this.showProblems(listing);
  }

  /** Names the videos that are on the server and cannot be played. */
  showProblems({ problems }: VideoListing): void {
    byId('video-problems').replaceChildren(
      ...problems.map(({ id, error }) => create('p', {}, `“${id}” cannot be played: ${error}`)),
    );
  }

  /** Shows that nothing is here. */
  showEmpty(text: string): void {
    this.links.clear();
    this.list.replaceChildren(create('li', { className: 'empty' }, text));
    this.list.setAttribute('aria-busy', 'false');
  }

  select(id: string): void {
    for (const [key, link] of this.links) {
      if (key === id) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
  }

  /** After the player or the format has changed, the cards' addresses say so too. */
  refreshAddresses(videos: readonly VideoSummary[]): void {
    for (const video of videos) {
      const link = this.links.get(video.id);
      if (link) link.href = this.addressOf(video);
    }
  }

  private card(video: VideoSummary): HTMLAnchorElement {
    const tallest = Math.max(0, ...video.renditions.map(({ height }) => height));
    const facts = [
      video.aspectRatio,
      plural(video.renditions.length, 'quality', 'qualities'),
      ...(tallest > 0 ? [`to ${tallest}p`] : []),
    ];
    const duration = create('span', { className: 'video-duration' }, clockTime(Math.round(video.durationSeconds)));
    const link = create(
      'a',
      { className: 'video-card', href: this.addressOf(video), dataset: { video: video.id, testid: 'video-card' } },
      create('span', { className: 'poster' }, this.poster(video), duration),
      create(
        'span',
        { className: 'video-text' },
        create('span', { className: 'video-title' }, video.title || video.id),
        create('span', { className: 'video-facts' }, facts.join(' · ')),
      ),
    );
    link.addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      this.choose(video);
    });
    this.links.set(video.id, link);
    return link;
  }

  private poster(video: VideoSummary): HTMLElement {
    const placeholder = (): HTMLElement =>
      create('span', { className: 'poster-drawn', ariaHidden: 'true' }, (video.title || video.id).slice(0, 1));
    if (!video.poster) return placeholder();
    const image = create('img', { src: video.poster, alt: '', loading: 'lazy', decoding: 'async' });
    image.addEventListener('error', () => image.replaceWith(placeholder()));
    return image;
  }
}
