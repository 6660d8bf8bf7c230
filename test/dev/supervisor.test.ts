import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../../src/dev/checkout.ts';
import { devClock, devDown, devKill, devStart, devStatus, devUp } from '../../src/dev/commands.ts';
import type { DevUp } from '../../src/dev/hospitalInfo.ts';
import { Person } from '../../src/dev/person.ts';
import { removeHospital } from '../../src/dev/removeHospital.ts';
import { pollUntil } from '../../src/dev/wait.ts';

/** Every living process that works in the directory or names it in its command line. */
function processesOf(dir: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const isOurs = line.includes(dir) || readlinkSync(`/proc/${pid}/cwd`).startsWith(dir);
        return isOurs && line !== '' ? [`${pid} ${line.slice(0, 120)}`] : [];
      } catch {
        return [];
      }
    });
}

/** `wardroom dev up` as a process of its own; resolves when it says `line`. */
async function upUntil(dir: string, line: string): Promise<ChildProcess> {
  const main = join(checkout, 'src/server/cli/main.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'dev', 'up', '--dir', dir], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes(line)) resolve();
    });
    child.once('exit', () => reject(new Error(`ended: ${said}`)));
  });
  return child;
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));
const only = (document: DevUp) => document.hospitals[0]!;

const scratch: string[] = [];
const newDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'wardroom-dev-test-'));
  scratch.push(dir);
  return dir;
};
afterAll(async () => {
  for (const dir of scratch) await removeHospital(dir);
});

describe('wardroom dev', () => {
  const dir = newDir();
  let document: DevUp;

  it('is ready when up returns: people can log in on a verified device, rooms are there, secrets are private', async () => {
    document = await devUp({ dir, data: join(checkout, 'config/dispatch.yaml') });
    const hospital = only(document);
    const someone = hospital.people[0]!;
    const person = await Person.logIn({
      url: hospital.homeserver_url,
      userId: someone.user_id,
      password: someone.password,
      recoveryKey: someone.recovery_key,
    });
    // The device of the set-up is gone: nobody would ever read on it.
    const devices = await person.api<{ devices: { device_id: string }[] }>('GET', '/_matrix/client/v3/devices');
    expect(devices.devices.map((device) => device.device_id)).toEqual([person.deviceId]);
    for (const service of hospital.services) {
      for (const account of service.accounts) expect(account.room_id).toMatch(/^!/);
    }
    expect(await person.rooms()).toEqual(expect.arrayContaining([hospital.control_room_id]));
    await person.logOut();
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const readable = files.filter(({ parentPath, name }) => (statSync(join(parentPath, name)).mode & 0o077) !== 0);
    expect(readable.map(({ parentPath, name }) => join(parentPath, name))).toEqual([]);
  });

  it('only reports when it is already up, also to several at once', async () => {
    const again = await Promise.all([devUp({ dir }), devUp({ dir }), devUp({ dir })]);
    expect(again).toEqual([document, document, document]);
  });

  it.each(['wardroom', 'synapse', 'postgres'] as const)(
    'kills %s, which stays down until it is started',
    async (part) => {
      const before = only(document).processes[part].pid!;
      const status = await devKill({ dir, part });
      expect(status.hospitals[0]!.parts[part]).toEqual({ running: false, pid: null });
      expect(() => process.kill(before, 0)).toThrow();
      await devStart({ dir, part });
      const after = (await devStatus({ dir })).hospitals[0]!.parts[part];
      expect(after.running).toBe(true);
      expect(after.pid).not.toBe(before);
      await pollUntil('ready', async () => (await fetch(`${only(document).api_url}/ready`)).ok, { deadlineMs: 60_000 });
    },
  );

  it('kills a part that is just starting, whose start then fails', async () => {
    await devKill({ dir, part: 'wardroom' });
    const starting = devStart({ dir, part: 'wardroom' }).then(
      () => 'started',
      () => 'failed',
    );
    // Not ready as long as PostgreSQL stands still: the start would wait for two minutes.
    const { pid } = (await devStatus({ dir })).hospitals[0]!.parts.postgres;
    process.kill(pid!, 'SIGSTOP');
    try {
      const { hospitals } = await devKill({ dir, part: 'wardroom' });
      expect([hospitals[0]!.parts.wardroom.running, await starting]).toEqual([false, 'failed']);
    } finally {
      process.kill(pid!, 'SIGCONT');
    }
    await devStart({ dir, part: 'wardroom' });
  });

  it('notices when a part ends by itself', async () => {
    const { pid } = (await devStatus({ dir })).hospitals[0]!.parts.wardroom;
    process.kill(pid!, 'SIGKILL');
    const gone = async () => !(await devStatus({ dir })).hospitals[0]!.parts.wardroom.running;
    await pollUntil('the end of Wardroom', gone, { deadlineMs: 10_000 });
    await devStart({ dir, part: 'wardroom' });
  });

  it('leaves no process behind when it goes down, and finds everything again', async () => {
    await devClock({ dir, change: { advance: 60_000 } });
    await devDown({ dir });
    expect(processesOf(dir)).toEqual([]);
    expect((await devStatus({ dir })).state).toBe('down');
    const again = only(await devUp({ dir }));
    const before = only(document);
    expect(again.people).toEqual(before.people);
    expect(again.services).toEqual(before.services);
    expect(again.server_name).toBe(before.server_name);
    expect(again.control_room_id).toBe(before.control_room_id);
    expect((await devStatus({ dir })).clock.offset_ms).toBe(60_000);
  });

  it('takes everything along when the supervisor is killed, and comes up again', async () => {
    const supervisor = processesOf(dir).find((line) => line.includes('supervisor.ts'))!;
    expect(processesOf(dir).length).toBeGreaterThan(3);
    process.kill(Number.parseInt(supervisor, 10), 'SIGKILL');
    await pollUntil('the end of all', async () => processesOf(dir).length === 0, { deadlineMs: 10_000, everyMs: 20 });
    expect((await devStatus({ dir })).running).toBe(false);
    expect(only(await devUp({ dir })).control_room_id).toBe(only(document).control_room_id);
    await devDown({ dir });
    expect(processesOf(dir)).toEqual([]);
  });
});

describe('wardroom dev up that does not get to its end', () => {
  it.each([
    ['SIGINT', 'starting PostgreSQL'],
    ['SIGINT', 'starting the homeserver'],
    ['SIGTERM', 'starting Wardroom'],
  ] as const)('leaves no process behind after %s while %s', async (signal, line) => {
    const dir = newDir();
    const child = await upUntil(dir, line);
    child.kill(signal);
    expect(await ended(child)).not.toBe(0);
    expect(processesOf(dir)).toEqual([]);
  });

  it('leaves no process behind when it is killed, and the next one starts as if nothing had been', async () => {
    const dir = newDir();
    const child = await upUntil(dir, 'cross-signing identities');
    child.kill('SIGKILL');
    await pollUntil('the end of all', async () => processesOf(dir).length === 0, { deadlineMs: 20_000, everyMs: 20 });
    const { people } = only(await devUp({ dir, tied: true }));
    expect(people.every((person) => person.recovery_key !== null)).toBe(true);
  });

  it('names every fault of the data with its line, starts nothing, and says that it was the configuration', async () => {
    const dir = newDir();
    const data = join(dir, 'faulty.yaml');
    mkdirSync(dir, { recursive: true });
    writeFileSync(data, 'people:\n  dr.x: {mxid: nobody}\nno_such_key: 1\n');
    const refused = devUp({ dir, data });
    await expect(refused).rejects.toMatchObject({ code: 2 });
    await expect(refused).rejects.toThrow(/faulty\.yaml:2 [\s\S]*faulty\.yaml:3 /);
    expect(processesOf(dir)).toEqual([]);
    await expect(devUp({ dir, data: join(dir, 'missing.yaml') })).rejects.toMatchObject({ code: 2 });
  });

  it('refuses what it cannot do', async () => {
    const dir = newDir();
    await expect(devUp({ dir, hospitals: 5 })).rejects.toMatchObject({ code: 2 });
    await expect(devKill({ dir, part: 'synapse' })).rejects.toMatchObject({ code: 3 });
    await devDown({ dir });
  });
});
