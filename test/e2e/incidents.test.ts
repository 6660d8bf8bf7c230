import { createDecipheriv, createHash } from 'node:crypto';
import { House } from '../../src/dev/house.ts';
import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { ask } from './support/database.ts';
import { auditOf } from './support/record.ts';
import { mentioned, Ward } from './support/ward.ts';

const DAY_MS = 86_400_000;
const CANARY = 'Ottis Marlow-Vane';

let ward: Ward;
let house: House;
let officer: Person;
let privacy: string;

/** One after the other: each test begins where the one before it ended. dr.alder is the security officer of this story. */
beforeAll(async () => {
  ward = await Ward.open();
  privacy = ward.hospital.privacy_room_id ?? '';
  house = new House(ward.hospital, (key) => ward.person(key));
  await house.open('adm.fir', 'adm.gorse');
  officer = await house.person('dr.alder');
  await house.done(`role grant ${officer.userId} security-officer`);
  await officer.room(privacy);
});
afterAll(async () => {
  await ward?.dev('clock', 'real');
  await house?.done(`role revoke ${officer.userId} security-officer`);
  await ward?.close();
  if (ward) await ask(ward.hospital, `UPDATE wardroom.administrators SET told = false WHERE state = 'seen'`);
});

interface EncryptedFile {
  readonly url: string;
  readonly key: { readonly k: string };
  readonly iv: string;
  readonly hashes: { readonly sha256: string };
}

/** As a client does it: fetched with the person's token, compared, decrypted. */
async function download(person: Person, { url, key, iv, hashes }: EncryptedFile): Promise<Buffer> {
  const address = `${ward.hospital.homeserver_url}/_matrix/client/v1/media/download/${url.slice('mxc://'.length)}`;
  const response = await fetch(address, { headers: { authorization: `Bearer ${person.accessToken}` } });
  const ciphertext = Buffer.from(await response.arrayBuffer());
  expect(ciphertext.subarray(0, 5).toString('latin1')).not.toBe('%PDF-');
  expect(createHash('sha256').update(ciphertext).digest('base64').replace(/=+$/, '')).toBe(hashes.sha256);
  const decipher = createDecipheriv('aes-256-ctr', Buffer.from(key.k, 'base64url'), Buffer.from(iv, 'base64'));
  return Buffer.concat([decipher.update(ciphertext), decipher.final()]);
}

const oversight = (event: SeenEvent) =>
  event.content['org.wardroom.oversight'] as Readonly<Record<string, unknown>> | undefined;
const toldOf = (kind: string, more: Readonly<Record<string, unknown>>) => (event: SeenEvent) => {
  const part = oversight(event);
  return (
    event.roomId === privacy && part?.kind === kind && Object.entries(more).every(([key, value]) => part[key] === value)
  );
};

it('an incident is opened, noted, assessed, exported as a PDF that only the officers can open, and closed by two people', async () => {
  const opened = await house.done(
    `incident open A phone with pages of ${CANARY} was left in a taxi --room ${privacy} --user ${officer.userId}`,
  );
  const incident = String(opened.data.incident);
  await house.done(`incident note ${incident} The driver handed it in, still locked`);
  const shown = await house.done(`incident show ${incident}`);
  expect(shown.body).toContain(CANARY);
  const [room] = shown.data.readers as readonly { readonly people: readonly Record<string, unknown>[] }[];
  expect(room?.people.map(({ user_id: user }) => user)).toContain(officer.userId);
  for (const factor of ['information', 'recipient', 'acquired', 'mitigated'])
    await house.done(`incident assess ${incident} ${factor} low --because it stayed locked`);
  const exported = await house.done(`incident export ${incident}`);
  const event = await officer.waitFor(({ eventId }) => eventId === exported.data.event_id);
  expect([event.roomId, event.encrypted, event.sender]).toEqual([privacy, true, ward.hospital.bot_user_id]);
  const pdf = await download(officer, event.content.file as EncryptedFile);
  expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-');
  expect(createHash('sha256').update(pdf).digest('hex')).toBe(exported.data.digest);
  const closed = await house.done(`incident close ${incident} --decision low-probability --because it stayed locked`);
  expect(closed.data).toMatchObject({
    state: 'closed',
    closed_by: ward.userId('adm.gorse'),
    proposed_by: ward.userId('adm.fir'),
  });
  expect(await ward.leaks([CANARY])).toEqual([]);
});

it('a week turns: its summary comes once in spite of a kill, is asked for, and is signed by what it said', async () => {
  // The first Monday that no story of this run has come to.
  const [latest] = await ask<{ day: string | null }>(
    ward.hospital,
    `SELECT max(to_day)::text AS day FROM wardroom.activity_reviews WHERE to_day < now() + interval '1 year'`,
  );
  const after = new Date(Math.max(Date.now(), Date.parse(latest?.day ?? '1970-01-01')) + DAY_MS);
  const monday = new Date(after.getTime() + ((8 - after.getUTCDay()) % 7) * DAY_MS).toISOString().slice(0, 10);
  const review = `REV-${monday}`;
  // Of the week that ends, whatever weeks other stories have been to.
  await ward.dev('clock', 'set', new Date(Date.parse(`${monday}T00:00:00Z`) - DAY_MS / 2).toISOString());
  await house.done('incident list --all');
  await ward.dev('clock', 'set', `${monday}T00:02:00Z`);
  const summary = await officer.waitFor(toldOf('review', { review }), { timeoutMs: 60_000 });
  expect(String(summary.content.body)).toContain('command.given');
  expect(String(summary.content.body)).toContain('Log-ins');
  expect(mentioned(summary)).toEqual([officer.userId]);
  await ward.dev('kill', 'wardroom');
  await ward.dev('start', 'wardroom');
  await ward.dev('clock', 'set', new Date(Date.parse(`${monday}T12:00:00Z`) + 3 * DAY_MS).toISOString());
  await officer.waitFor(toldOf('chase', { review, days: 3 }), { timeoutMs: 60_000 });
  const signed = await house.done(`review sign ${review} --note looked at`);
  expect(signed.data).toMatchObject({ review, digest: oversight(summary)?.digest });
  const seen = officer.events.all().filter((event) => oversight(event)?.review === review);
  expect(seen.map((event) => oversight(event)?.kind)).toEqual(['review', 'chase']);
  await pollUntil('the signature in the audit log', async () => (await auditOf(ward, 'review.signed')).length > 0, {
    deadlineMs: 10_000,
  });
});
