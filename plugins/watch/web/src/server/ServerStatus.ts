import { Emitter } from '../Emitter';
import { ServerRefusal, fetchData } from './Envelope';

export interface PluginStatus {
  id: string;
  version: string;
  state: 'serving' | 'starting' | 'draining' | 'disabled' | 'failed';
  generation: number;
  health?: { status: 'up' | 'degraded' | 'down'; detail?: string };
  error?: string;
}

export interface Readiness {
  status: string;
  plugins: PluginStatus[];
}

export interface Swap {
  plugin: string;
  from: number;
  to: number;
}

interface ServerEvents {
  /** Each answer of /readyz. */
  readiness: Readiness;
  /** A plugin serves in another generation than at the last answer. */
  swap: Swap;
  /** No answer; the next try comes after `retrySeconds`. */
  unreachable: { retrySeconds: number };
  /** The first answer after `unreachable`, or a plugin serves that did not before. */
  recovered: undefined;
}

const INTERVAL_SECONDS = 2;
const LONGEST_BACKOFF_SECONDS = 15;

/** Asks /readyz every two seconds; less and less often, up to every 15 seconds, while nobody answers. */
export class ServerStatus extends Emitter<ServerEvents> {
  reachable: boolean | undefined;
  plugins: PluginStatus[] = [];
  private readonly generations = new Map<string, number>();
  private failures = 0;
  private timer = 0;

  start(): void {
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && this.timer !== 0) this.retryNow();
    });
    void this.poll();
  }

  retryNow(): void {
    window.clearTimeout(this.timer);
    void this.poll();
  }

  private async poll(): Promise<void> {
    this.timer = 0;
    let wait = INTERVAL_SECONDS;
    try {
      this.answered(await fetchReadiness());
    } catch {
      this.failures += 1;
      this.reachable = false;
      wait = Math.min(2 ** (this.failures - 1), LONGEST_BACKOFF_SECONDS);
      this.emit('unreachable', { retrySeconds: wait });
    }
    this.timer = window.setTimeout(() => void this.poll(), wait * 1000);
  }

  private answered(readiness: Readiness): void {
    const came = ({ id, state }: PluginStatus): boolean =>
      state === 'serving' && this.plugins.some((before) => before.id === id && before.state !== 'serving');
    const recovered = this.reachable === false || readiness.plugins.some(came);
    this.failures = 0;
    this.reachable = true;
    this.plugins = readiness.plugins;
    for (const { id, generation } of readiness.plugins) {
      const before = this.generations.get(id);
      this.generations.set(id, generation);
      // 0: it is not loaded. Switching a plugin on and off swaps nothing.
      if (before && generation && before !== generation) this.emit('swap', { plugin: id, from: before, to: generation });
    }
    this.emit('readiness', readiness);
    if (recovered) this.emit('recovered', undefined);
  }
}

/** A server that is not ready refuses, and tells in the refusal how each plugin is. */
async function fetchReadiness(): Promise<Readiness> {
  try {
    return await fetchData<Readiness>('/readyz', { timeoutMilliseconds: 5000 });
  } catch (error) {
    const details = error instanceof ServerRefusal ? (error.details as Partial<Readiness> | undefined) : undefined;
    if (!details?.plugins) throw error;
    return { status: details.status ?? 'not ready', plugins: details.plugins };
  }
}
