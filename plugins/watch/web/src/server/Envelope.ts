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

/**
 * The `data` of a JSON answer in the server's envelope. Throws ServerRefusal for an error envelope or status, TypeError
 * when the server cannot be reached, and gives up after `timeoutMilliseconds`.
 */
export async function fetchData<Data>(url: string, timeoutMilliseconds = 8000): Promise<Data> {
  const response = await fetch(url, {
    headers: { Accept: 'application/json' },
    cache: 'no-store',
    signal: AbortSignal.timeout(timeoutMilliseconds),
  });
  const envelope = (await response.json().catch(() => undefined)) as Envelope<Data> | undefined;
  if (envelope?.data !== undefined) return envelope.data;
  throw new ServerRefusal(
    response.status,
    envelope?.error?.code ?? 'UNKNOWN',
    envelope?.error?.message ?? `The server answered ${url} with status ${response.status}.`,
    envelope?.error?.details,
  );
}
