import { App } from './App';
import type { PlaybackSession, SessionStatus, Source } from './playback/PlaybackSession';
import type { Experience } from './playback/PlaybackMeter';
import type { Format, PlayerAdapter, PlayerId, PlayerStats } from './players/PlayerAdapter';
import type { PluginStatus } from './server/ServerStatus';

interface PageEvent {
  /** Milliseconds since the page was opened. */
  at: number;
  type: string;
  detail?: unknown;
}

/** What the page tells to tests and to a developer at the console. */
interface Playhouse {
  /** The adapter of the player that plays now. */
  readonly player: PlayerAdapter | undefined;
  readonly video: HTMLVideoElement;
  readonly session: PlaybackSession;
  readonly state: {
    status: SessionStatus;
    source: Source | undefined;
    error: string | undefined;
    experience: Experience;
    stats: PlayerStats | undefined;
    plugins: PluginStatus[];
    reachable: boolean | undefined;
  };
  /** What happened, oldest first; the last thousand. */
  readonly events: PageEvent[];
  switchTo(how: { player?: PlayerId; format?: Format }): void;
}

declare global {
  interface Window {
    playhouse: Playhouse;
  }
}

const MOST_EVENTS = 1000;

const app = new App();
const { session, server } = app;
const events: PageEvent[] = [];

function record(type: string, detail?: unknown): void {
  events.push({ at: performance.now(), type, detail });
  if (events.length > MOST_EVENTS) events.shift();
}

session.on('sourceChanged', ({ video, player, format, url }) => record('source', { video: video.id, player, format, url }));
session.on('statusChanged', (status) => record('status', status));
session.on('qualityChanged', (change) => record('quality', change));
session.on('stall', (stall) => record('stall', stall));
session.on('error', (error) => record('error', error));
server.on('swap', (swap) => record('swap', swap));
server.on('unreachable', (detail) => record('unreachable', detail));
server.on('recovered', () => record('recovered'));
for (const name of ['play', 'playing', 'pause', 'waiting', 'seeking', 'seeked', 'ended', 'error', 'resize'] as const) {
  session.video.addEventListener(name, () => record(`video.${name}`, session.video.currentTime));
}

window.playhouse = {
  get player() {
    return session.adapter;
  },
  video: session.video,
  session,
  get state() {
    return {
      status: session.status,
      source: session.source,
      error: session.lastError?.message,
      experience: session.meter.read(),
      stats: session.status === 'ready' ? session.adapter?.stats() : undefined,
      plugins: server.plugins,
      reachable: server.reachable,
    };
  },
  events,
  switchTo: (how) => app.switchTo(how),
};

app.start();
