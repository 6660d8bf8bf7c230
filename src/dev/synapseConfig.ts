import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Certificates } from './certificates.ts';
import { randomSecret, secretFile, writeAtomic } from './files.ts';

export interface SynapseConfigOptions {
  readonly dir: string;
  readonly serverName: string;
  readonly port: number;
  readonly database: {
    readonly host: string;
    readonly port: number;
    readonly name: string;
    readonly user: string;
    readonly password: string;
  };
  readonly registrationFiles: readonly string[];
  /** Absent: the only one, which federates with nobody. */
  readonly federation?: Federation;
}

export interface Federation {
  /** Where the others reach it, with TLS. */
  readonly port: number;
  readonly certificates: Certificates;
  /** The server names of all. */
  readonly servers: readonly string[];
}

/** Where a homeserver in `dir` keeps media. */
export const mediaDirectory = (dir: string): string => join(dir, 'media');

/** Far above what any test or demo does: limits are for strangers, and there are none here. */
const unlimited = { per_second: 100_000, burst_count: 100_000 };

/**
 * Writes the homeserver's configuration, keys and log settings into `dir`. Loopback only; no federation but with its neighbours, no URL previews,
 * no statistics sent anywhere, no retention (it would hide messages under a hold), no SQL in the log.
 */
export async function writeSynapseConfig(
  options: SynapseConfigOptions,
): Promise<{ file: string; mediaDir: string; sharedSecret: string }> {
  const { dir } = options;
  const mediaDir = mediaDirectory(dir);
  await mkdir(mediaDir, { recursive: true, mode: 0o700 });
  const signingKey = join(dir, 'signing.key');
  await secretFile(
    signingKey,
    () => `ed25519 a_${randomBytes(3).toString('hex')} ${randomBytes(32).toString('base64').replace(/=+$/, '')}`,
  );
  const secret = (name: string): Promise<string> => secretFile(join(dir, `${name}.secret`), randomSecret);
  const [sharedSecret, macaroon, form] = await Promise.all([
    secret('registration'),
    secret('macaroon'),
    secret('form'),
  ]);
  const logConfig = join(dir, 'log.yaml');
  await writeAtomic(logConfig, stringify(logging));
  const { name, ...login } = options.database;
  const { federation } = options;
  const config = {
    server_name: options.serverName,
    public_baseurl: `http://127.0.0.1:${options.port}/`,
    report_stats: false,
    listeners: [
      {
        port: options.port,
        bind_addresses: ['127.0.0.1'],
        type: 'http',
        tls: false,
        resources: [{ names: ['client', 'keys'], compress: false }],
      },
      ...(federation === undefined ? [] : [federationListener(federation)]),
    ],
    ...(federation === undefined ? {} : trustIn(federation.certificates)),
    database: { name: 'psycopg2', args: { ...login, dbname: name, cp_min: 2, cp_max: 10 } },
    log_config: logConfig,
    media_store_path: mediaDir,
    signing_key_path: signingKey,
    registration_shared_secret: sharedSecret,
    macaroon_secret_key: macaroon,
    form_secret: form,
    app_service_config_files: options.registrationFiles,
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    federation_domain_whitelist: [...(federation?.servers ?? [])],
    ip_range_blacklist: [],
    enable_registration: false,
    url_preview_enabled: false,
    presence: { enabled: false },
    retention: { enabled: false },
    stats: { enabled: false },
    enable_search: false,
    enable_metrics: false,
    encryption_enabled_by_default_for_room_type: 'off',
    // Passwords here are random and 192 bits long: hashing them slowly protects nothing.
    bcrypt_rounds: 4,
    rc_message: unlimited,
    rc_registration: unlimited,
    rc_registration_token_validity: unlimited,
    rc_login: { address: unlimited, account: unlimited, failed_attempts: unlimited },
    rc_admin_redaction: unlimited,
    rc_joins: { local: unlimited, remote: unlimited },
    rc_joins_per_room: unlimited,
    rc_3pid_validation: unlimited,
    rc_invites: { per_room: unlimited, per_user: unlimited, per_issuer: unlimited },
    rc_third_party_invite: unlimited,
    rc_media_create: unlimited,
    rc_presence: { per_user: unlimited },
    rc_delayed_event_mgmt: unlimited,
    rc_reports: unlimited,
    rc_federation: { window_size: 1000, sleep_limit: 100_000, sleep_delay: 1, reject_limit: 100_000, concurrent: 100 },
    // A neighbour that was down for a moment is asked again at once, not after ten minutes.
    federation: {
      destination_min_retry_interval: '1s',
      destination_retry_multiplier: 2,
      destination_max_retry_interval: '5s',
    },
    rc_room_creation: unlimited,
    rc_user_directory: unlimited,
    max_event_delay_duration: '24h',
  };
  const file = join(dir, 'homeserver.yaml');
  await writeAtomic(file, stringify(config));
  return { file, mediaDir, sharedSecret };
}

const federationListener = ({ port }: Federation) => ({
  port,
  bind_addresses: ['127.0.0.1'],
  type: 'http',
  tls: true,
  resources: [{ names: ['federation'], compress: false }],
});

const trustIn = (certificates: Certificates) => ({
  tls_certificate_path: certificates.certificate,
  tls_private_key_path: certificates.key,
  federation_custom_ca_list: [certificates.authority],
});

const logging = {
  version: 1,
  formatters: {
    precise: { format: '%(asctime)s - %(name)s - %(lineno)d - %(levelname)s - %(request)s - %(message)s' },
  },
  handlers: { file: { class: 'logging.StreamHandler', formatter: 'precise' } },
  loggers: { 'synapse.storage.SQL': { level: 'WARNING' } },
  root: { level: 'INFO', handlers: ['file'] },
  disable_existing_loggers: false,
};
