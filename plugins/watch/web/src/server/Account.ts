import { Emitter } from '../Emitter';
import { type Asking, ServerRefusal, fetchData } from './Envelope';

export interface User {
  id: string;
  email: string;
  username: string;
  subscriptionTier: string;
  role: 'viewer' | 'moderator' | 'admin';
  createdAt: string;
  lastLoginAt: string | null;
}

interface Tokens {
  accessToken: string;
  refreshToken: string;
  /** Seconds. */
  expiresIn: number;
  user: User;
}

interface AccountEvents {
  /** Somebody else is logged in, or nobody any more. */
  changed: User | undefined;
}

/** Of the refresh token, which all tabs of this server share; access tokens stay in memory. */
const STORED = 'playhouse.refreshToken';
const REFRESH_BEFORE_SECONDS = 30;

/** Who is logged in, on all tabs. Methods throw as fetchData() does. */
export class Account extends Emitter<AccountEvents> {
  user: User | undefined;
  private accessToken?: string;
  private goodUntil = 0;
  private refreshing?: Promise<void>;

  constructor() {
    super();
    window.addEventListener('storage', (event) => {
      if (event.key !== STORED && event.key !== null) return;
      if (this.stored === undefined) this.forget();
      else if (!this.user) void this.restore();
    });
  }

  /** Goes on with the login of an earlier visit, if there is one. Never throws: without a server nobody is logged in yet. */
  async restore(): Promise<void> {
    if (this.user || this.stored === undefined) return;
    try {
      await this.refresh();
    } catch {
      // Refused: refresh() has forgotten it. Out of reach: it is tried again when the server is back.
    }
  }

  async login(email: string, password: string): Promise<void> {
    this.take(await fetchData<Tokens>('/auth/login', { method: 'POST', body: { email, password } }));
  }

  async register(email: string, username: string, password: string): Promise<void> {
    this.take(await fetchData<Tokens>('/auth/register', { method: 'POST', body: { email, username, password } }));
  }

  /** Ends the session on the server too, when that can be reached. */
  async logout(): Promise<void> {
    try {
      await this.ask('/auth/logout', { method: 'POST' });
    } catch (error) {
      if (!(error instanceof ServerRefusal) || error.status !== 401) throw error;
    }
    localStorage.removeItem(STORED);
    this.forget();
  }

  /** Asks as the one who is logged in; with a fresh token when the one at hand has ended. */
  async ask<Data>(url: string, asking: Asking = {}): Promise<Data> {
    if (Date.now() > this.goodUntil) await this.refresh();
    try {
      return await fetchData<Data>(url, { ...asking, token: this.accessToken });
    } catch (error) {
      if (!(error instanceof ServerRefusal) || error.status !== 401 || this.stored === undefined) throw error;
      await this.refresh();
      return await fetchData<Data>(url, { ...asking, token: this.accessToken });
    }
  }

  private get stored(): string | undefined {
    return localStorage.getItem(STORED) ?? undefined;
  }

  private refresh(): Promise<void> {
    this.refreshing ??= this.refreshNow().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private async refreshNow(): Promise<void> {
    const refreshToken = this.stored;
    if (refreshToken === undefined) throw new ServerRefusal(401, 'TOKEN_MISSING', 'Nobody is logged in.');
    try {
      this.take(await fetchData<Tokens>('/auth/refresh', { method: 'POST', body: { refreshToken } }));
    } catch (error) {
      const isRefused = error instanceof ServerRefusal && (error.status === 401 || error.status === 403);
      // Another tab may have changed it for another meanwhile.
      if (isRefused && this.stored === refreshToken) {
        localStorage.removeItem(STORED);
        this.forget();
      }
      throw error;
    }
  }

  private take({ accessToken, refreshToken, expiresIn, user }: Tokens): void {
    this.accessToken = accessToken;
    this.goodUntil = Date.now() + (expiresIn - REFRESH_BEFORE_SECONDS) * 1000;
    localStorage.setItem(STORED, refreshToken);
    const isNews = JSON.stringify(user) !== JSON.stringify(this.user);
    this.user = user;
    if (isNews) this.emit('changed', user);
  }

  private forget(): void {
    this.accessToken = undefined;
    this.goodUntil = 0;
    if (!this.user) return;
    this.user = undefined;
    this.emit('changed', undefined);
  }
}
