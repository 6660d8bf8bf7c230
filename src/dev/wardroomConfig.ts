import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CommandError, exitCode } from '../server/cli/exit.ts';
import { type Config, faultLine, loadConfig } from '../server/config/index.ts';
import { writeAtomic } from './files.ts';
import { FIRST, type HospitalLayout, type Layout, layoutOf } from './layout.ts';
import { localTexting } from './localTexting.ts';
import { placedIn } from './placement.ts';
import { type DevState, type HospitalState, readState } from './state.ts';

/** The files `wardroom serve` is given in the embedded hospital, later ones winning. */
export const configFiles = (hospital: HospitalLayout, state: DevState): string[] => [
  hospital.wardroom.config,
  state.data,
  ...state.config,
  ...(state.hospitals.length > 1 ? [hospital.wardroom.placed] : []),
];

/** The same for the first hospital of a directory (`undefined`: the usual one); `null` when none was ever started there. */
export async function devConfigFiles(dir: string | undefined): Promise<string[] | null> {
  const layout = layoutOf(dir);
  const state = await readState(layout);
  return state === null ? null : configFiles(layout.hospital(FIRST), state);
}

/**
 * Writes the configuration of one of the state's hospitals, and reads all files as Wardroom will.
 * @throws CommandError with every fault, exit code 2.
 */
export async function writeWardroomConfig(layout: Layout, all: DevState, state: HospitalState): Promise<Config> {
  const hospital = layout.hospital(state.name);
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
      hospitals: Object.fromEntries(all.hospitals.map(({ name, serverName }) => [name, serverName])),
      domains: { '*': FIRST },
      allow_plain_http_callbacks: true,
    },
  };
  await writeAtomic(hospital.wardroom.config, stringify(config));
  /** With the numbers of its services as lines for texts, unless the configuration names its own. */
  const withLines = async (read: Config): Promise<Config> => {
    if (Object.keys(read.texting.lines).length > 0) return read;
    await writeAtomic(hospital.wardroom.config, stringify({ ...config, texting: localTexting(read) }));
    return load(configFiles(hospital, all));
  };
  if (all.hospitals.length === 1) return withLines(load(configFiles(hospital, all)));
  // What is where is known once all of it is read.
  await writeAtomic(hospital.wardroom.placed, '{}\n');
  const whole = load(configFiles(hospital, all));
  await writeAtomic(hospital.wardroom.placed, stringify(placedIn(whole, state)));
  return withLines(load(configFiles(hospital, all)));
}

function load(files: readonly string[]): Config {
  const loaded = loadConfig(files);
  if (!loaded.ok) throw new CommandError(exitCode.usage, loaded.error.map(faultLine).join('\n'));
  return loaded.value;
}
