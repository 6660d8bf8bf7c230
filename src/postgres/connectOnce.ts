import pg from 'pg';

/** Connects for one piece of looking. The code when the server cannot be reached, refuses the login, or does not do as asked. */
export async function connectOnce<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<{ readonly ok: true; readonly facts: T } | { readonly ok: false; readonly code: string }> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return { ok: true, facts: await work(client) };
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    return { ok: false, code: typeof code === 'string' ? code : 'unreachable' };
  } finally {
    await client.end().catch(() => undefined);
  }
}
