/** Whether a carrier lets us in, asked without sending anything. */
export type Asked =
  | { readonly kind: 'accepted' }
  /** The credentials are not taken, or not for this. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'unreachable'; readonly code: string };

const TIMEOUT_MS = 5_000;

/** Asks for something that only the account may see. 401, 403 and 404 are a no; of other statuses the account is not at fault. */
export async function ask(url: string, headers: Readonly<Record<string, string>>): Promise<Asked> {
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    const { status } = response;
    if (status >= 200 && status < 300) return { kind: 'accepted' };
    return [401, 403, 404].includes(status)
      ? { kind: 'refused', status }
      : { kind: 'unreachable', code: `status ${status}` };
  } catch (error) {
    const cause = (error as { cause?: { code?: unknown } } | null)?.cause?.code;
    return { kind: 'unreachable', code: typeof cause === 'string' ? cause : 'no answer' };
  }
}
