import { addressFor, readLocation } from './Location';
import { PlaybackSession, type Source } from './playback/PlaybackSession';
import { SAMPLES_PER_SECOND, takeSample } from './playback/Sampler';
import type { Format, PlayerId } from './players/PlayerAdapter';
import { Account } from './server/Account';
import { ServerStatus } from './server/ServerStatus';
import { fetchVideos, thumbnailsOf, type VideoListing, type VideoSummary } from './server/Videos';
import { AccountPanel } from './view/AccountPanel';
import { Addresses } from './view/Addresses';
import { Controls } from './view/Controls';
import { byId, setText } from './view/Dom';
import { Graph } from './view/Graph';
import { PluginPanel } from './view/PluginPanel';
import { ServerState } from './view/ServerState';
import { listenForShortcuts } from './view/Shortcuts';
import { SourceSwitch } from './view/SourceSwitch';
import { Stage } from './view/Stage';
import { StatsPanel } from './view/StatsPanel';
import { fetchThumbnails } from './view/Thumbnails';
import { VideoList } from './view/VideoList';

/** The plugin that all media comes from. */
const STREAMING = 'streaming';
const FIRST_RETRY_SECONDS = 1;
const LONGEST_RETRY_SECONDS = 10;

/** The page: what is listed, what plays, and what is shown of both. */
export class App {
  readonly session = new PlaybackSession(byId<HTMLVideoElement>('video'));
  readonly server = new ServerStatus();
  readonly account = new Account();
  listing?: VideoListing;
  private readonly frame = byId('player');
  private readonly controls = new Controls(byId('bar'), this.frame, this.session);
  private readonly stage = new Stage(this.frame, this.session, () => this.controls.togglePlay());
  private readonly graph = new Graph(byId('graph'));
  private readonly stats = new StatsPanel(byId('stats'), this.session);
  private readonly addresses = new Addresses();
  private readonly wish = readLocation(window.location);
  private readonly list = new VideoList(
    byId('video-list'),
    (video) => this.addressOf(video),
    (video) => this.choose(video),
  );
  private readonly sourceSwitch = new SourceSwitch((how) => this.switchTo(how));
  private listRetrySeconds = FIRST_RETRY_SECONDS;
  private listTimer = 0;

  start(): void {
    new ServerState(this.server);
    new PluginPanel(byId('plugins'), this.server);
    new AccountPanel(byId('account'), this.account, this.server);
    listenForShortcuts(this.frame, this.session.video, this.controls);
    this.session.on('sourceChanged', (source) => this.showSource(source));
    this.server.on('swap', (swap) => this.graph.markSwap(swap));
    this.server.on('recovered', () => this.recover());
    this.server.on('readiness', () => this.tellOutage());
    window.addEventListener('popstate', () => this.followLocation());
    window.setInterval(() => {
      this.graph.add(takeSample(this.session));
      this.stats.update();
    }, 1000 / SAMPLES_PER_SECOND);
    this.server.start();
    void this.account.restore();
    void this.loadList();
  }

  /** Plays a video and says so in the address. */
  choose(video: VideoSummary): void {
    const { player, format } = this.session.source ?? this.wish;
    window.history.pushState(null, '', addressFor(video.id, player, format));
    window.scrollTo({ top: 0, behavior: 'smooth' });
    void this.session.open(video, { player, format, play: true });
  }

  switchTo(how: { player?: PlayerId; format?: Format }): void {
    void this.session.switchTo(how);
    const { source } = this.session;
    if (!source) return;
    window.history.replaceState(null, '', addressFor(source.video.id, source.player, source.format));
  }

  private addressOf(video: VideoSummary): string {
    const { player, format } = this.session.source ?? this.wish;
    return addressFor(video.id, player, format);
  }

  private async loadList(): Promise<void> {
    window.clearTimeout(this.listTimer);
    this.listTimer = 0;
    try {
      this.listing = await fetchVideos();
    } catch (error) {
      this.retryListLater();
      if (this.listing) return;
      const reason = error instanceof Error ? error.message : String(error);
      this.list.showEmpty('The list of videos cannot be loaded now. It is asked for again by itself.');
      this.stage.say('No connection to the videos', reason);
      return;
    }
    this.listRetrySeconds = FIRST_RETRY_SECONDS;
    const { videos } = this.listing;
    if (videos.length === 0) {
      this.list.showEmpty('No videos yet.');
      this.list.showProblems(this.listing);
      this.stage.say('Content is being prepared', 'The first video appears here by itself as soon as it is ready.');
      this.listTimer = window.setTimeout(() => void this.loadList(), 3000);
      return;
    }
    this.list.show(this.listing);
    if (this.session.source) this.list.select(this.session.source.video.id);
    else this.openFirst(videos);
  }

  private retryListLater(): void {
    this.listTimer = window.setTimeout(() => void this.loadList(), this.listRetrySeconds * 1000);
    this.listRetrySeconds = Math.min(this.listRetrySeconds * 2, LONGEST_RETRY_SECONDS);
  }

  private openFirst(videos: VideoSummary[]): void {
    const { video: wished, player, format } = this.wish;
    const video = wished === undefined ? videos[0] : videos.find(({ id }) => id === wished);
    if (!video) {
      this.stage.say('There is no such video', `“${wished}” is not on this server. The list shows what is.`);
      return;
    }
    void this.session.open(video, { player, format });
  }

  private showSource(source: Source): void {
    const { video } = source;
    const title = video.title || video.id;
    setText(byId('title'), title);
    setText(byId('description'), video.description);
    document.title = `${title} · Playhouse`;
    this.addresses.show(source);
    this.sourceSwitch.show(source);
    this.list.refreshAddresses(this.listing?.videos ?? []);
    this.list.select(video.id);
    void this.loadThumbnails(video);
  }

  private async loadThumbnails(video: VideoSummary): Promise<void> {
    const address = thumbnailsOf(video);
    const thumbnails = address ? await fetchThumbnails(address) : [];
    if (this.session.source?.video.id === video.id) this.controls.seekBar.setThumbnails(thumbnails);
  }

  /** The server is back: what stopped for want of it goes on. */
  private recover(): void {
    void this.loadList();
    void this.account.restore();
    this.session.recover();
  }

  /** Players try for half a minute before they give up: the viewer need not wait as long for the reason. */
  private tellOutage(): void {
    const plugin = this.server.plugins.find(({ id }) => id === STREAMING);
    const isOff = plugin !== undefined && plugin.state !== 'serving';
    this.stage.setOutage(
      isOff ? `The plugin “${STREAMING}” is ${plugin.state}. Playback goes on by itself as soon as it serves.` : undefined,
    );
  }

  private followLocation(): void {
    const { video: id, player, format } = readLocation(window.location);
    const videos = this.listing?.videos ?? [];
    const video = id === undefined ? videos[0] : videos.find((candidate) => candidate.id === id);
    if (video) void this.session.open(video, { player, format });
  }
}
