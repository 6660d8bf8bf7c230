import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { devKill, devStart } from '../../src/dev/commands.ts';
import { wardroom } from '../../src/dev/demo/cli.ts';
import type { Person } from '../../src/dev/person.ts';
import { roomHistory, ticketPart } from '../../src/dev/roomHistory.ts';
import type { BackupReport } from '../../src/server/backup/backup.ts';
import type { RestoreReport } from '../../src/server/backup/restore.ts';
import { type Config, loadConfig, placesOf } from '../../src/server/config/index.ts';
import { examine } from '../../src/server/doctor/examine.ts';
import { ask } from './support/database.ts';
import { auditOf } from './support/record.ts';
import { about, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let room: string;
let dir: string;
let key: string;
let config: Config;

beforeAll(async () => {
  ward = await Ward.open();
  alder = await ward.person('dr.alder');
  room = ward.room('RESTORE');
  dir = mkdtempSync(join(tmpdir(), 'wardroom-restore-'));
  key = join(dir, 'backup.key');
  const loaded = loadConfig(ward.hospital.config_files);
  if (!loaded.ok) throw new Error('no configuration');
  config = loaded.value;
  await wardroom(['backup', '--make-key', key], { quiet: true });
});
afterAll(async () => {
  await ward?.close();
  rmSync(dir, { recursive: true, force: true });
});

const files = () => ward.hospital.config_files.flatMap((file) => ['--config', file]);
const run = (...args: string[]) => wardroom([...args, ...files(), '--key-file', key, '--json'], { quiet: true });

async function backup(name: string): Promise<{ readonly file: string; readonly report: BackupReport }> {
  const file = join(dir, name);
  const { code, stdout } = await run('backup', file);
  expect(code).toBe(0);
  return { file, report: JSON.parse(stdout) as BackupReport };
}

interface Device {
  readonly id: string;
  readonly signatures: number;
}

/** The voice's devices as others see them, with how many keys of its owner signed each. */
async function devicesOf(user: string): Promise<{ readonly master: string; readonly devices: readonly Device[] }> {
  const answer = await alder.api<{
    device_keys: Record<string, Record<string, { signatures: Record<string, Record<string, string>> }>>;
    master_keys: Record<string, { keys: Record<string, string> }>;
  }>('POST', '/_matrix/client/v3/keys/query', { device_keys: { [user]: [] } });
  return {
    master: Object.values(answer.master_keys[user]?.keys ?? {})[0] ?? '',
    devices: Object.entries(answer.device_keys[user] ?? {}).map(([id, { signatures }]) => ({
      id,
      signatures: Object.keys(signatures[user] ?? {}).length,
    })),
  };
}

/** Megolm session and sender of everything in the room, the latest first. */
async function sessions(sender: string): Promise<readonly string[]> {
  const { chunk } = await alder.api<{ chunk: { sender: string; content: { session_id?: string } }[] }>(
    'GET',
    `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages?dir=b&limit=250`,
  );
  return chunk.flatMap((event) =>
    event.sender === sender && event.content.session_id ? [event.content.session_id] : [],
  );
}

/** What a burnt-down server room leaves: a homeserver, and no Wardroom. */
async function destroy(): Promise<void> {
  await devKill({ dir: ward.dir, part: 'wardroom' });
  const client = new pg.Client({ connectionString: ward.hospital.processes.postgres.url });
  await client.connect();
  try {
    await client.query('DROP SCHEMA wardroom CASCADE; DROP SCHEMA graphile_worker CASCADE');
  } finally {
    await client.end();
  }
  renameSync(config.secrets_dir, join(dir, `lost-${Date.now()}`));
}

const start = () => devStart({ dir: ward.dir, part: 'wardroom' });

describe('a backup', () => {
  it('brings a destroyed installation back: open tickets go on, voices come back with new signed devices, nothing is doubled', async () => {
    const voice = ward.service('nightjar').accounts.find(({ id }) => id === 'RESTORE')?.voice_user_id ?? '';
    const open = await ward.post('RESTORE');
    const closed = await ward.post('RESTORE');
    const openRoot = (await alder.waitFor(about(open, 'ticket'), { timeoutMs: 60_000 })).eventId;
    await alder.react(room, (await alder.waitFor(about(closed, 'ticket'))).eventId, '✅');
    await ward.untilState(closed, 'acknowledged');
    await ward.told(closed, 'ticket.acknowledged');
    const { file, report } = await backup('drill.age');
    expect(report.rows.tickets).toBeGreaterThanOrEqual(2);
    // Ratchets move on after the backup.
    const late = await ward.post('RESTORE');
    await alder.waitFor(about(late, 'ticket'), { timeoutMs: 60_000 });
    const before = { ...(await devicesOf(voice)), sessions: await sessions(voice) };

    await destroy();
    const begun = performance.now();
    const { code, stdout } = await run('restore', file);
    expect(code).toBe(0);
    const loaded = performance.now();
    // Doctor knows that the devices are yet to come, and that all of it belongs together.
    const found = await examine(config, placesOf(ward.hospital.config_files));
    expect(found.findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    const looked = performance.now() - loaded;
    await start();
    const seconds = (performance.now() - begun - looked) / 1000;
    process.stdout.write(`restored and ready in ${seconds.toFixed(1)} s\n`);
    const restored = JSON.parse(stdout) as RestoreReport;
    expect(restored.rows).toEqual(report.rows);
    expect(seconds).toBeLessThan(72 * 3600);

    const after = await devicesOf(voice);
    expect(after.master).toBe(before.master);
    const said = readFileSync(ward.hospital.processes.wardroom.log, 'utf8').split('\n');
    const reason = said.find((line) => line.includes('"crypto.store_stale"') && line.includes(voice)) ?? '{}';
    expect(JSON.parse(reason)).toMatchObject({ level: 'error', remedy: expect.stringMatching(/answering services/) });
    expect(after.devices).toEqual([{ id: expect.any(String), signatures: 2 }]);
    expect(before.devices.map(({ id }) => id)).not.toContain(after.devices[0]?.id);

    // An encrypted answer to what was said before, and a new ticket, both with the new device.
    await alder.say(room, 'ok', { thread: openRoot });
    expect((await ward.untilState(open, 'acknowledged')).acknowledged).toMatchObject({ strength: 'device' });
    const next = await ward.post('RESTORE');
    await alder.waitFor(about(next, 'ticket'), { timeoutMs: 60_000 });
    await ward.untilState(next, 'delivered');
    const used = await sessions(voice);
    const fresh = used.slice(0, used.length - before.sessions.length);
    expect(fresh.length).toBeGreaterThan(0);
    expect(fresh.filter((session) => before.sessions.includes(session))).toEqual([]);
    const history = await roomHistory(alder, room);
    const roots = history.flatMap(({ content }) => {
      const part = ticketPart(content);
      return part?.kind === 'ticket' ? [part.ticket_id] : [];
    });
    expect(roots.sort()).toEqual([open, closed, late, next].sort());
    const { stdout: fsck } = await wardroom(['audit', 'fsck', '--json', ...files()], { quiet: true });
    expect(JSON.parse(fsck)).toMatchObject({ ok: true, findings: [] });
    expect((await auditOf(ward, 'backup.restored')).map(({ outcome }) => outcome)).toEqual(['ok']);
    // What the service sends again because it was lost is a ticket like any other.
    expect(await fetch(`${ward.hospital.api_url}/api/v1/tickets/${late}`, auth()).then(({ status }) => status)).toBe(
      404,
    );
  });

  it('goes on in escalation where it stood', async () => {
    const id = await ward.post('RESTORE');
    await ward.untilState(id, 'delivered');
    const { file } = await backup('climbing.age');
    await destroy();
    expect((await run('restore', file)).code).toBe(0);
    await start();
    await ward.dev('clock', 'advance', '16m');
    await ward.told(id, 'ticket.escalated');
    await ward.dev('clock', 'real');
    const beech = await ward.person('dr.beech');
    await ward.until(id, ({ timeline }) => timeline.some(({ event }) => event === 'posted_again'));
    await beech.waitFor(about(id, 'posted_again'), { timeoutMs: 60_000 });
  });

  it('is refused whole when a byte of it was changed, when its end is missing, and with another key', async () => {
    const { file } = await backup('whole.age');
    const bytes = readFileSync(file);
    const other = join(dir, 'other.key');
    await wardroom(['backup', '--make-key', other], { quiet: true });
    const spoilt = {
      changed: Buffer.from(bytes).fill((bytes[bytes.length >> 1] ?? 0) ^ 1, bytes.length >> 1, (bytes.length >> 1) + 1),
      cut: bytes.subarray(0, bytes.length - 1),
      'cut at a chunk': bytes.subarray(0, Math.max(200, bytes.length - 70_000)),
      empty: Buffer.alloc(0),
    };
    for (const [what, content] of Object.entries(spoilt)) {
      const path = join(dir, `${what}.age`);
      writeFileSync(path, content);
      expect([what, (await run('restore', '--check', path)).code]).toEqual([what, 1]);
    }
    const foreign = await wardroom(['restore', '--check', file, ...files(), '--key-file', other], { quiet: true });
    expect(foreign.code).toBe(1);
    expect((await run('restore', '--check', file)).code).toBe(0);
  });

  it('is put over nothing: neither a running Wardroom, nor data, nor other secrets', async () => {
    const { file } = await backup('careful.age');
    expect((await run('restore', file)).code).toBe(3);
    await devKill({ dir: ward.dir, part: 'wardroom' });
    try {
      expect((await run('restore', file)).code).toBe(1);
      expect((await ask(ward.hospital, 'SELECT 1 FROM wardroom.tickets LIMIT 1')).length).toBe(1);
      const passphrase = join(config.secrets_dir, 'crypto.passphrase');
      const kept = readFileSync(passphrase);
      writeFileSync(passphrase, 'another\n');
      expect((await run('restore', file)).code).toBe(1);
      expect(readFileSync(passphrase, 'utf8')).toBe('another\n');
      writeFileSync(passphrase, kept);
    } finally {
      await start();
    }
  });

  it('never puts itself over a file, and holds no text anybody could read', async () => {
    const { file } = await backup('twice.age');
    expect((await run('backup', file)).code).toBe(2);
    expect(readFileSync(file, 'latin1')).not.toContain(ward.canary);
    expect(readFileSync(file, 'latin1').startsWith('age-encryption.org/v1\n')).toBe(true);
  });
});

const auth = () => ({ headers: { authorization: `Bearer ${ward.service('nightjar').token}` } });
