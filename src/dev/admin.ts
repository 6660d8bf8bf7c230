import { createHmac } from 'node:crypto';

/** An account on a homeserver, as the registration answered. */
export interface Account {
  readonly userId: string;
  readonly deviceId: string;
  readonly accessToken: string;
}

/** A request the homeserver refused. Holds the status and Matrix error code, no body. */
export class RequestRefused extends Error {
  readonly status: number;
  readonly code: string;
  constructor(what: string, status: number, code: string) {
    super(`${what}: ${status} ${code}`);
    this.status = status;
    this.code = code;
  }
}

/** One JSON request to a homeserver. */
export async function request<T>(
  method: string,
  url: string,
  options: { token?: string; body?: unknown } = {},
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const body = (await response.json().catch(() => ({}))) as T & { errcode?: string };
  if (!response.ok)
    throw new RequestRefused(`${method} ${new URL(url).pathname}`, response.status, body.errcode ?? 'unknown');
  return body;
}

/**
 * Registers an account by Synapse's shared secret (admin API `/_synapse/admin/v1/register`). An account that exists
 * (an earlier run was cut short) is logged in to instead.
 */
export async function registerAccount(
  url: string,
  sharedSecret: string,
  person: { localpart: string; password: string; admin: boolean },
): Promise<Account> {
  const { localpart: username, password, admin } = person;
  const endpoint = `${url}/_synapse/admin/v1/register`;
  const { nonce } = await request<{ nonce: string }>('GET', endpoint);
  const mac = createHmac('sha1', sharedSecret)
    .update([nonce, username, password, admin ? 'admin' : 'notadmin'].join('\0'))
    .digest('hex');
  try {
    return account(await request('POST', endpoint, { body: { nonce, username, password, admin, mac } }));
  } catch (error) {
    if (error instanceof RequestRefused && error.code === 'M_USER_IN_USE')
      return logIn(url, username, password, 'set-up');
    throw error;
  }
}

/** Logs in with a password: a new device. */
export async function logIn(url: string, user: string, password: string, deviceName: string): Promise<Account> {
  return account(
    await request('POST', `${url}/_matrix/client/v3/login`, {
      body: {
        type: 'm.login.password',
        identifier: { type: 'm.id.user', user },
        password,
        initial_device_display_name: deviceName,
      },
    }),
  );
}

const account = (body: { user_id: string; device_id: string; access_token: string }): Account => ({
  userId: body.user_id,
  deviceId: body.device_id,
  accessToken: body.access_token,
});
