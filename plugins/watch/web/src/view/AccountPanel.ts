import type { Account, User } from '../server/Account';
import { ServerRefusal } from '../server/Envelope';
import type { ServerStatus } from '../server/ServerStatus';
import { create, setText } from './Dom';
import { LoginDialog } from './LoginDialog';

/** The plugin that accounts come from. */
const AUTH = 'auth';

/** In the head of the page: who is logged in, and the way in and out. Hidden while the server has no accounts. */
export class AccountPanel {
  private readonly dialog: LoginDialog;
  private readonly login = create('button', { type: 'button', className: 'button', dataset: { testid: 'log-in' } }, 'Log in');
  private readonly logout = create('button', { type: 'button', className: 'button', dataset: { testid: 'log-out' } }, 'Log out');
  private readonly name = create('span', { className: 'account-name', dataset: { testid: 'account-name' } });
  private readonly tier = create('span', { className: 'account-tier', dataset: { testid: 'account-tier' } });

  constructor(
    holder: HTMLElement,
    private readonly account: Account,
    server: ServerStatus,
  ) {
    this.dialog = new LoginDialog(account);
    this.login.addEventListener('click', () => this.dialog.open());
    this.logout.addEventListener('click', () => void this.leave());
    holder.append(this.name, this.tier, this.login, this.logout);
    account.on('changed', (user) => this.show(user));
    server.on('readiness', ({ plugins }) => {
      holder.hidden = !plugins.some(({ id, state }) => id === AUTH && state === 'serving') && !account.user;
    });
    this.show(account.user);
  }

  private show(user: User | undefined): void {
    for (const element of [this.name, this.tier, this.logout]) element.hidden = !user;
    this.login.hidden = user !== undefined;
    setText(this.name, user?.username ?? '');
    setText(this.tier, user ? (user.role === 'viewer' ? user.subscriptionTier : user.role) : '');
    this.name.title = user?.email ?? '';
  }

  private async leave(): Promise<void> {
    this.logout.disabled = true;
    try {
      await this.account.logout();
      this.login.focus();
    } catch (error) {
      const why = error instanceof ServerRefusal ? error.message : 'The server cannot be reached.';
      this.logout.title = `${why} You are still logged in.`;
      setText(this.logout, 'Log out: try again');
      return;
    } finally {
      this.logout.disabled = false;
    }
    this.logout.title = '';
    setText(this.logout, 'Log out');
  }
}
