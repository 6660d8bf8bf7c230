import { request } from '../../../src/dev/admin.ts';
import type { HospitalInfo } from '../../../src/dev/hospitalInfo.ts';

/** Whoever administers the homeserver: its admin API, and by that API ("Login as a user") anybody of it, Wardroom's bot among them. */
export class ServerAdministrator {
  readonly userId: string;
  readonly #url: string;
  readonly #token: string;
  readonly #bot: string;

  private constructor({ homeserver_url: url, admin }: HospitalInfo, bot: string) {
    this.userId = admin.user_id;
    this.#url = url;
    this.#token = admin.access_token;
    this.#bot = bot;
  }

  static async of(hospital: HospitalInfo): Promise<ServerAdministrator> {
    const { homeserver_url: url, admin, bot_user_id: bot } = hospital;
    const path = `/_synapse/admin/v1/users/${encodeURIComponent(bot)}/login`;
    const options = { token: admin.access_token, body: {} };
    const { access_token } = await request<{ access_token: string }>('POST', `${url}${path}`, options);
    return new ServerAdministrator(hospital, access_token);
  }

  api<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.#request(this.#token, method, path, body);
  }

  /** In the bot's name, which is a server administrator itself. */
  asBot<T>(method: string, path: string, body?: unknown): Promise<T> {
    return this.#request(this.#bot, method, path, body);
  }

  async close(): Promise<void> {
    await this.asBot('POST', '/_matrix/client/v3/logout', {});
  }

  #request<T>(token: string, method: string, path: string, body: unknown): Promise<T> {
    return request<T>(method, `${this.#url}${path}`, { token, ...(body === undefined ? {} : { body }) });
  }
}
