/** An answer that says no, in the server's own words. */
export class ServerRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details?: unknown,
  ) {
    super(message);
  }
}

interface Envelope<Data> {
  success: boolean;
  data?: Data;
  error?: { code?: string; message?: string; details?: unknown };
}

/** What is asked beside an address. */
export interface Asking {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  body?: object;
  /** An access token. */
  token?: string;
  timeoutMilliseconds?: number;
}

/**
 * The `data` of a JSON answer in the server's envelope; undefined for an answer without content (204). Throws
 * ServerRefusal for an error envelope or status, TypeError when the server cannot be reached, and gives up after
 * `timeoutMilliseconds` (8000).
 */
export async function fetchData<Data>(url: string, asking: Asking = {}): Promise<Data> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (asking.token !== undefined) headers.Authorization = `Bearer ${asking.token}`;
  if (asking.body !== undefined) headers['Content-Type'] = 'application/json';
  const response = await fetch(url, {
    method: asking.method ?? 'GET',
    headers,
    body: asking.body === undefined ? undefined : JSON.stringify(asking.body),
    cache: 'no-store',
    signal: AbortSignal.timeout(asking.timeoutMilliseconds ?? 8000),
  });
  if (response.status === 204) return undefined as Data;
  const envelope = (await response.json().catch(() => undefined)) as Envelope<Data> | undefined;
  if (envelope?.data !== undefined) return envelope.data;
  throw new ServerRefusal(
    response.status,
    envelope?.error?.code ?? 'UNKNOWN',
    envelope?.error?.message ?? `The server answered ${url} with status ${response.status}.`,
    envelope?.error?.details,
  );
}
