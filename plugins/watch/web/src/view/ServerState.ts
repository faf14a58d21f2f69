import type { ServerStatus } from '../server/ServerStatus';
import { byId, setText } from './Dom';
import { plural } from './Format';

/** The server's state in the page's head, and a banner for as long as the server does not answer. */
export class ServerState {
  private readonly pill = byId('server-state');
  private readonly text = this.pill.querySelector('.server-state-text') as Element;
  private readonly banner = byId('banner');
  private countdown = 0;

  constructor(status: ServerStatus) {
    byId('banner-retry').addEventListener('click', () => status.retryNow());
    status.on('readiness', ({ plugins }) => {
      window.clearInterval(this.countdown);
      this.banner.hidden = true;
      const serving = plugins.filter(({ state }) => state === 'serving').length;
      const awaited = plugins.filter(({ state }) => state !== 'serving' && state !== 'disabled');
      this.pill.dataset.state = awaited.length === 0 ? 'ready' : 'degraded';
      setText(
        this.text,
        awaited.length === 0
          ? `Ready · ${plural(serving, 'plugin')}`
          : `Not ready: ${awaited.map(({ id, state }) => `${id} ${state}`).join(', ')}`,
      );
    });
    status.on('unreachable', ({ retrySeconds }) => this.showUnreachable(retrySeconds));
  }

  private showUnreachable(retrySeconds: number): void {
    this.pill.dataset.state = 'unreachable';
    setText(this.text, 'Unreachable');
    this.banner.hidden = false;
    let left = retrySeconds;
    const show = (): void => {
      const when = left > 0 ? `Next try in ${left} s.` : 'Trying …';
      setText(byId('banner-text'), `The server does not answer. What is loaded plays on. ${when}`);
      left -= 1;
    };
    window.clearInterval(this.countdown);
    this.countdown = window.setInterval(show, 1000);
    show();
  }
}
