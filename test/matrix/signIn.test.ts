import type { MatrixResponse } from '../../src/matrix/matrixRequest.ts';
import { adminFailureOf, signInOf } from '../../src/matrix/signIn.ts';

const UNKNOWN: MatrixResponse = { status: 404, body: { errcode: 'M_UNRECOGNIZED' } };
const METADATA = '/_matrix/client/v1/auth_metadata';
const OLD_METADATA = '/_matrix/client/unstable/org.matrix.msc2965/auth_metadata';
const LOGIN = '/_matrix/client/v3/login';

/** As Synapse and Matrix Authentication Service answer, by path; what is not named there is not served. */
const served = (answers: Readonly<Record<string, MatrixResponse>>) =>
  signInOf(async (_method, path) => answers[path] ?? UNKNOWN);
const flows = (...of: readonly object[]): MatrixResponse => ({ status: 200, body: { flows: of } });
const issuer: MatrixResponse = {
  status: 200,
  body: {
    issuer: 'https://account.marlow.example/',
    account_management_uri: 'https://account.marlow.example/account/',
  },
};
const password = { type: 'm.login.password' };
const sso = { type: 'm.login.sso', identity_providers: [{ id: 'oidc-hospital', name: 'Hospital' }] };
const compatibility = { ...sso, 'org.matrix.msc3824.delegated_oidc_compatibility': true };

describe('who signs people in', () => {
  it.each([
    ['homeserver', { [LOGIN]: flows(password) }],
    ['homeserver', { [LOGIN]: flows(sso, password) }],
    ['identity-provider', { [LOGIN]: flows(sso, { type: 'm.login.token' }) }],
    ['delegated', { [METADATA]: issuer, [LOGIN]: flows(password, compatibility) }],
    ['delegated', { [OLD_METADATA]: issuer, [LOGIN]: flows() }],
    // The compatibility layer of an authentication service still offers passwords.
    ['delegated', { [LOGIN]: flows(password, compatibility) }],
    ['delegated', { [LOGIN]: flows({ ...sso, oauth_aware_preferred: true }) }],
  ])('is found out: %s', async (expected, answers) => {
    expect(await served(answers)).toEqual({ ok: true, value: expected });
  });

  it.each([
    [
      'the service it delegates to does not answer',
      { [METADATA]: { status: 502, body: null }, [LOGIN]: flows(password) },
    ],
    ['the homeserver is ill', { [LOGIN]: { status: 500, body: { errcode: 'M_UNKNOWN' } } }],
    ['something else answers', { [LOGIN]: { status: 200, body: { hello: 'world' } } }],
  ])('is not guessed where %s', async (_what, answers) => {
    expect(await served(answers)).toMatchObject({ ok: false, error: { kind: 'retry' } });
  });
});

describe('what the administrators’ API refuses', () => {
  it.each<[MatrixResponse, string]>([
    [{ status: 403, body: { errcode: 'M_FORBIDDEN' } }, 'not-server-admin'],
    [UNKNOWN, 'admin-api-missing'],
    [{ status: 404, body: null }, 'admin-api-missing'],
    [{ status: 404, body: { errcode: 'M_NOT_FOUND' } }, 'no-such-user'],
  ])('%j is told apart: %s', (answer, code) => {
    expect(adminFailureOf(answer)).toEqual({ kind: 'permanent', code });
  });

  it.each([502, 429])('and %i is "not now"', (status) => {
    expect(adminFailureOf({ status, body: null }).kind).toBe('retry');
  });
});
