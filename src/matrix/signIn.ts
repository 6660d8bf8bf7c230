import type { SignIn } from '../flows/accountsPort.ts';
import { err, ok, type PortFailure, type Result } from '../kernel/result.ts';
import { errcodeOf, failureOf, failureOfError } from './failures.ts';
import type { MatrixRequest } from './matrixRequest.ts';

const TIMEOUT_MS = 10_000;

/** Where an authentication service in front of the homeserver says who it is (Matrix 1.15; before that, MSC2965). */
const METADATA = ['/_matrix/client/v1/auth_metadata', '/_matrix/client/unstable/org.matrix.msc2965/auth_metadata'];

interface Flow {
  readonly type?: unknown;
  readonly oauth_aware_preferred?: unknown;
  readonly 'org.matrix.msc3824.delegated_oidc_compatibility'?: unknown;
}

/** Who signs people in at this homeserver. What does not answer clearly is a failure, not a guess. */
export async function signInOf(request: MatrixRequest): Promise<Result<SignIn, PortFailure>> {
  try {
    for (const path of METADATA) {
      const answer = await request('GET', path, { timeoutMs: TIMEOUT_MS });
      const issuer = (answer.body as { issuer?: unknown } | null)?.issuer;
      if (answer.status === 200 && typeof issuer === 'string') return ok('delegated');
      // It delegates, and what it delegates to does not answer.
      if (answer.status >= 500) return err(failureOf(answer));
    }
    const login = await request('GET', '/_matrix/client/v3/login', { timeoutMs: TIMEOUT_MS });
    if (login.status !== 200) return err(failureOf(login));
    const flows = (login.body as { flows?: unknown } | null)?.flows;
    if (!Array.isArray(flows)) return err({ kind: 'retry', code: 'homeserver-unclear' });
    return ok(byFlows(flows as readonly Flow[]));
  } catch (error) {
    return err(failureOfError(error, true));
  }
}

function byFlows(flows: readonly Flow[]): SignIn {
  const marks = ['oauth_aware_preferred', 'org.matrix.msc3824.delegated_oidc_compatibility'] as const;
  if (flows.some((flow) => marks.some((mark) => flow[mark] === true))) return 'delegated';
  return flows.some(({ type }) => type === 'm.login.password') ? 'homeserver' : 'identity-provider';
}

/** Why the administrators' API did not do something. */
export function adminFailureOf(answer: Parameters<typeof failureOf>[0]): PortFailure {
  const code = errcodeOf(answer);
  if (answer.status === 403 || code === 'M_FORBIDDEN') return { kind: 'permanent', code: 'not-server-admin' };
  if (code === 'M_UNRECOGNIZED' || (answer.status === 404 && code === null))
    return { kind: 'permanent', code: 'admin-api-missing' };
  if (code === 'M_NOT_FOUND') return { kind: 'permanent', code: 'no-such-user' };
  return failureOf(answer);
}
