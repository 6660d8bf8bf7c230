/**
 * The process that holds the embedded hospitals of a directory: `node supervisor.ts DIR`, started by `wardroom dev up` in the background.
 * It tells its starter of progress over the IPC channel; if the starter goes away before everything is ready, so does it.
 */
import { mkdir, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CommandError, exitCode } from '../server/cli/exit.ts';
import { type ClockChange, changeClock, readClock } from './clockFile.ts';
import { serveControl } from './control.ts';
import { describeHospital, statusOf } from './describe.ts';
import { killAllGuarded } from './guard.ts';
import { Hospital } from './hospital.ts';
import type { DevUp } from './hospitalInfo.ts';
import { layoutOf } from './layout.ts';
import { takeLock } from './lock.ts';
import { ensureState } from './state.ts';
import { type Part, parts, type StatusDocument } from './status.ts';
import type { FromSupervisor, UpRequest } from './upProtocol.ts';
import { writeWardroomConfig } from './wardroomConfig.ts';

const layout = layoutOf(process.argv[2]);
let hospitals: readonly Hospital[] = [];
let ready = false;
let tied = false;

const tell = (message: FromSupervisor): void => {
  if (process.connected) process.send?.(message);
};
const progress = (line: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
  tell({ kind: 'progress', line });
};

/** Everything that was started ends at once; for a start that failed or was called off. */
async function abandon(code: number): Promise<never> {
  await killAllGuarded();
  await unlink(layout.control).catch(() => {});
  await unlink(layout.lock).catch(() => {});
  process.exit(code);
}

async function up(request: UpRequest): Promise<void> {
  tied = request.tied;
  await mkdir(dirname(layout.supervisorLog), { recursive: true, mode: 0o700 });
  if (!(await takeLock(layout.lock))) {
    tell({ kind: 'busy' });
    process.exit(0);
  }
  const state = await ensureState(layout, request);
  const made: Hospital[] = [];
  for (const one of state.hospitals) {
    const config = await writeWardroomConfig(layout, state, one);
    const say = (line: string) => progress(state.hospitals.length === 1 ? line : `${one.name}: ${line}`);
    made.push(new Hospital(layout, state, one, config, say));
  }
  hospitals = made;
  await serveControl(layout.control, answer);
  await Promise.all(hospitals.map((one) => one.upHomeserver()));
  await Promise.all(hospitals.map((one) => one.upWardroom()));
  ready = true;
  tell({ kind: 'ready', document: await describe() });
}

const describe = async (): Promise<DevUp> => ({
  dir: layout.dir,
  hospitals: await Promise.all(hospitals.map(describeHospital)),
});

const status = async (): Promise<StatusDocument> => ({
  dir: layout.dir,
  running: true,
  state: ready ? 'up' : 'starting',
  hospitals: hospitals.map(statusOf),
  clock: await readClock(layout.clock),
});

async function answer(command: string, body: Readonly<Record<string, unknown>>): Promise<unknown> {
  if (hospitals.length === 0) throw new Error('starting');
  switch (command) {
    case 'status':
      return status();
    case 'describe':
      return ready ? describe() : null;
    case 'kill':
      await hospitalOf(body).part(partOf(body)).kill();
      return status();
    case 'start':
      await startPart(hospitalOf(body), partOf(body));
      return status();
    case 'clock':
      return moveClock(body.change as ClockChange);
    case 'down':
      void goDown();
      return status();
    default:
      throw new Error('unknown command');
  }
}

const hospitalOf = ({ hospital = 1 }: Readonly<Record<string, unknown>>): Hospital => {
  const found = hospitals[Number(hospital) - 1];
  if (found === undefined) throw new Error(`--hospital: there are ${hospitals.length}`);
  return found;
};

const partOf = (body: Readonly<Record<string, unknown>>): Part => {
  const part = parts.find((name) => name === body.part);
  if (part === undefined) throw new Error(`no such part: ${parts.join(', ')}`);
  return part;
};

async function startPart(of: Hospital, part: Part): Promise<void> {
  if (part === 'synapse' && of.postgres.running === null) throw new Error('PostgreSQL is down: start it first');
  await of.part(part).start();
}

async function moveClock(change: ClockChange): Promise<unknown> {
  const clock = await changeClock(layout.clock, change);
  for (const of of hospitals.filter(({ wardroom }) => wardroom.running !== null)) {
    const response = await fetch(`${of.metricsBase}/dev/clock`, { method: 'POST' });
    if (!response.ok) throw new Error(`Wardroom did not take the time over: ${response.status}`);
  }
  return clock;
}

let goingDown = false;
async function goDown(): Promise<void> {
  if (goingDown) return;
  goingDown = true;
  if (!ready) await abandon(0);
  progress('stopping');
  await Promise.all(hospitals.map((one) => one.down()));
  await abandon(0);
}

process.on('disconnect', () => {
  if (!ready || tied) void abandon(exitCode.failed);
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => void (hospitals.length === 0 ? abandon(0) : goDown()));
}
process.on('message', (message: UpRequest | 'seen') => {
  if (message === 'seen') {
    process.disconnect();
    return;
  }
  up(message).catch((error: unknown) => {
    if (goingDown) return;
    const known = error instanceof CommandError;
    const text = error instanceof Error ? (known ? error.message : (error.stack ?? error.message)) : String(error);
    process.stdout.write(`${text}\n`);
    tell({
      kind: 'failed',
      code: known ? error.code : exitCode.failed,
      message: error instanceof Error ? error.message : text,
    });
    void abandon(exitCode.failed);
  });
});
