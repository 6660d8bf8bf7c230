import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CommandError, exitCode } from '../server/cli/exit.ts';
import { type Config, faultLine, loadConfig } from '../server/config/index.ts';
import { readIfThere, writeAtomic } from './files.ts';
import { type HospitalLayout, type Layout, layoutOf } from './layout.ts';
import type { DevState } from './state.ts';

/** The files `wardroom serve` is given in the embedded hospital, later ones winning. */
export const configFiles = (hospital: HospitalLayout, state: DevState): string[] => [
  hospital.wardroom.config,
  state.data,
  ...state.config,
];

/** The same for a directory (`undefined`: the usual one); `null` when no hospital was ever started there. */
export async function devConfigFiles(dir: string | undefined): Promise<string[] | null> {
  const layout = layoutOf(dir);
  const text = await readIfThere(layout.state);
  if (text === null) return null;
  const state = JSON.parse(text) as DevState;
  return configFiles(layout.hospital(state.name), state);
}

/**
 * Writes the configuration that follows from the state, and reads all files as Wardroom will.
 * @throws CommandError with every fault, exit code 2.
 */
export async function writeWardroomConfig(layout: Layout, hospital: HospitalLayout, state: DevState): Promise<Config> {
  const { dir } = hospital.wardroom;
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const databaseUrl = (user: string, password: string): string =>
    `postgresql://${user}:${password}@127.0.0.1:${state.ports.postgres}/wardroom\n`;
  await writeAtomic(join(dir, 'database.url'), databaseUrl('wardroom_service', state.passwords.service));
  await writeAtomic(join(dir, 'database-owner.url'), databaseUrl('wardroom_owner', state.passwords.owner));
  const config = {
    homeserver: { url: `http://127.0.0.1:${state.ports.synapse}`, server_name: state.serverName },
    appservice: { host: '127.0.0.1', port: state.ports.appservice },
    http: { host: '127.0.0.1', port: state.ports.api },
    metrics: { host: '127.0.0.1', port: state.ports.metrics },
    database: { url_file: 'database.url', owner_url_file: 'database-owner.url' },
    data_dir: 'data',
    secrets_dir: 'secrets',
    dev: {
      clock_file: layout.clock,
      hospitals: { [state.name]: state.serverName },
      domains: { '*': state.name },
      allow_plain_http_callbacks: true,
    },
  };
  await writeAtomic(hospital.wardroom.config, stringify(config));
  const loaded = loadConfig(configFiles(hospital, state));
  if (!loaded.ok) throw new CommandError(exitCode.usage, loaded.error.map(faultLine).join('\n'));
  return loaded.value;
}
