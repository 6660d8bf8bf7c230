import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { devUp } from '../../src/dev/commands.ts';
import { wardroom } from '../../src/dev/demo/cli.ts';
import { readIfThere } from '../../src/dev/files.ts';
import type { DevUp, HospitalInfo } from '../../src/dev/hospitalInfo.ts';
import { freePorts } from '../../src/dev/ports.ts';
import type { CrashPoint } from '../../src/flows/ports.ts';

/** The hospital that all end-to-end tests of a run use, one test file after the other. */
export interface SharedHospital {
  readonly hospital: HospitalInfo;
  readonly document: DevUp;
  readonly dir: string;
  /** Where the services' `callback_url` points on 127.0.0.1, path `/status`: a test file listens there while it runs. */
  readonly callbackPort: number;
  /** Names the points at which Wardroom ends itself; read at each `dev start wardroom`. See `crashAt`. */
  readonly crashFile: string;
  /** Holds `crypto:` settings; read at each `dev start wardroom`. See `cryptoDevices`. */
  readonly cryptoFile: string;
  /** Where Wardroom looks for homeserver and database; read at each `dev start wardroom`. See `wayTo`. */
  readonly networkFile: string;
}

/** So many messages may wait before ROUTINE tickets are refused. */
export const ROUTINE_BACKLOG = 150;

const data = fileURLToPath(new URL('../fixtures/e2e.yaml', import.meta.url));

/** Starts the embedded hospital unless it runs; globalTeardown ends it, and so does the death of jest. */
export const sharedHospital = (): Promise<SharedHospital> => hospitalUnder(runDirectory(), data);

/**
 * A further hospital for a file that needs other people and protocols, or business time for itself. Whoever starts it ends it
 * (`removeHospital`); the death of jest does, too.
 * @param settings one more configuration
 */
export async function ownHospital(name: string, dispatch: object, settings: object): Promise<SharedHospital> {
  const run = join(runDirectory(), name);
  mkdirSync(run, { recursive: true, mode: 0o700 });
  const [file, overlay] = [join(run, 'dispatch.yaml'), join(run, 'settings.yaml')];
  writeFileSync(file, JSON.stringify(dispatch));
  writeFileSync(overlay, JSON.stringify(settings));
  return hospitalUnder(run, file, [overlay]);
}

function runDirectory(): string {
  const run = process.env.WARDROOM_TEST_DIR;
  if (run === undefined) throw new Error('jest.config.js must name test/support/globalSetup.ts');
  return run;
}

async function hospitalUnder(run: string, data: string, more: readonly string[] = []): Promise<SharedHospital> {
  const dir = join(run, 'hospital');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { callbackPort, overlay } = await callbacks(run);
  const crashFile = join(run, 'crash.yaml');
  if ((await readIfThere(crashFile)) === null) crashAt(crashFile, {});
  const cryptoFile = join(run, 'crypto.yaml');
  if ((await readIfThere(cryptoFile)) === null) cryptoDevices(cryptoFile, 'cross-signed');
  const networkFile = join(run, 'network.yaml');
  if ((await readIfThere(networkFile)) === null) writeFileSync(networkFile, '{}\n');
  const document = await devUp({
    dir,
    data,
    config: [overlay, crashFile, cryptoFile, networkFile, ...more],
    tied: true,
  });
  const hospital = document.hospitals[0];
  if (hospital === undefined) throw new Error('no hospital');
  return { hospital, document, dir, callbackPort, crashFile, cryptoFile, networkFile };
}

/** From its next start on, Wardroom ends itself with SIGKILL when one of the points is reached for the n-th time. */
export function crashAt(crashFile: string, points: Readonly<Partial<Record<CrashPoint, number>>>): void {
  writeFileSync(crashFile, `${JSON.stringify({ dev: { crash_at: points } })}\n`);
}

/** Which devices Wardroom gives keys to from its next start on. */
export function cryptoDevices(cryptoFile: string, devices: 'cross-signed' | 'all'): void {
  writeFileSync(cryptoFile, `${JSON.stringify({ crypto: { devices } })}\n`);
}

/** Ports on this machine at which Wardroom looks for its homeserver and its database; absent: the real ones. */
export interface Way {
  readonly homeserver?: number;
  readonly database?: number;
}

/** Which way Wardroom goes from its next start on. */
export function wayTo({ networkFile, hospital }: Pick<SharedHospital, 'networkFile' | 'hospital'>, way: Way): void {
  writeFileSync(networkFile, `${JSON.stringify(waySettings(hospital, networkFile, way))}\n`);
}

/** The configuration that goes this way; a database URL is written beside `file`. */
function waySettings(hospital: HospitalInfo, file: string, { homeserver, database }: Way): object {
  const settings: Record<string, unknown> = {};
  if (homeserver !== undefined) settings.homeserver = { url: `http://127.0.0.1:${homeserver}` };
  if (database !== undefined) {
    const url = new URL(readFileSync(join(dirname(hospital.config_files[0] ?? ''), 'database.url'), 'utf8').trim());
    url.port = String(database);
    const urlFile = `${file}.url`;
    writeFileSync(urlFile, `${url.href}\n`, { mode: 0o600 });
    settings.database = { url_file: urlFile };
  }
  return settings;
}

/** `wardroom dev ARGS` on a hospital; what it printed. Fails with what it said when it ends with another code than 0. */
export async function devCommand(dir: string, args: readonly string[]): Promise<string> {
  const { code, stdout } = await wardroom(['dev', ...args, '--dir', dir]);
  if (code !== 0) throw new Error(`wardroom dev ${args.join(' ')} ended with ${code}`);
  return stdout;
}

async function callbacks(run: string): Promise<{ callbackPort: number; overlay: string }> {
  const overlay = join(run, 'callbacks.yaml');
  const written = /127\.0\.0\.1:(\d+)/.exec((await readIfThere(overlay)) ?? '');
  if (written !== null) return { callbackPort: Number(written[1]), overlay };
  const [callbackPort] = (await freePorts(1)) as [number];
  const target = `{callback_url: "http://127.0.0.1:${callbackPort}/status"}`;
  // Little enough for a test to fill it.
  writeFileSync(
    overlay,
    `services: {nightjar: ${target}, wren: ${target}}\nhttp: {backlog: {routine: ${ROUTINE_BACKLOG}}}\nroles_api: {enabled: true}\n`,
  );
  return { callbackPort, overlay };
}
