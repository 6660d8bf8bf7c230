import fc from 'fast-check';
import { ActivityWatch } from '../../src/flows/oversight/activityWatch.ts';
import type { AuditEntry } from '../../src/flows/ports.ts';
import { deviceId, eventId, type RoomId, type UserId, userId } from '../../src/kernel/ids.ts';
import type { ReviewSummary } from '../../src/policy/index.ts';
import { ash, birch } from './controlRig.ts';
import { audited, happened, type OversightBench, openOversight, oversightWard, rowsIn, unit } from './oversightRig.ts';

let here: OversightBench;

beforeAll(async () => {
  here = await openOversight();
});
// A Saturday.
beforeEach(() => here.begin('2026-11-28T15:00:00Z'));
afterAll(() => here?.close());

const amsel = userId('@amsel:example');
const entry = (action: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  action,
  outcome: 'ok',
  actor: amsel,
  ...more,
});
const refusal = (more: Partial<AuditEntry> = {}) =>
  entry('command.given', { outcome: 'refused', code: 'role-missing', ...more });
const pass = (ms: number) => {
  here.clock.at += ms;
};
const [MINUTE, DAY] = [60_000, 86_400_000];

type Ward = Awaited<ReturnType<typeof oversightWard>>;
const drafts = async ({ say }: Ward) =>
  rowsIn(await say(ash, '!wr incident list'), 'incidents').map(({ rule, about, state }) => `${state} ${rule} ${about}`);

describe('what looks like an incident', () => {
  it('opens a draft, told to the officers once, however often it is looked at and whoever looks', async () => {
    const ward = await oversightWard(here);
    for (let n = 0; n < 12; n += 1) {
      await happened(here, refusal({ room: unit }));
      pass(MINUTE);
      // As after a death at any point, somebody else goes on.
      await (n % 2 === 0 ? ward : await oversightWard(here)).look();
    }
    await ward.look();
    expect(await drafts(ward)).toEqual([
      'draft refusals-of-one @amsel:example: 10 refusals within an hour (10 role-missing)',
    ]);
    const { bench } = here;
    const { rows } = await bench.pool.query(
      `SELECT event->>'type' AS type FROM wardroom.incident_events ORDER BY number`,
    );
    expect(rows.map(({ type }) => type)).toEqual(['drafted', 'told']);
    const shown = (await ward.say(ash, '!wr incident show 1'))?.data;
    expect([shown?.rooms, shown?.people, shown?.discovered]).toEqual([[unit], [amsel], '2026-11-28']);
  });

  it('is found again, and opened once, when the process died before it kept its place', async () => {
    const ward = await oversightWard(here);
    await happened(here, entry('breakglass.granted', { room: unit }));
    await here.settle();
    const record = ward.record.record;
    Object.assign(ward.record, {
      record: async () => {
        throw new Error('killed');
      },
    });
    await expect(ward.watch.look()).rejects.toThrow('killed');
    Object.assign(ward.record, { record });
    await ward.look();
    expect(await drafts(ward)).toEqual(['draft break-glass @amsel:example: emergency access to a room']);
  });

  it('is found again when the process died before it could open the draft', async () => {
    const ward = await oversightWard(here);
    await happened(here, entry('breakglass.granted', { room: unit }));
    await here.settle();
    const openDraft = async () => {
      throw new Error('killed');
    };
    await expect(new ActivityWatch({ ...ward.parts, record: ward.record, openDraft }).look()).rejects.toThrow('killed');
    await ward.look();
    expect(await drafts(ward)).toHaveLength(1);
  });

  it('is counted once, whatever is killed and whoever looks in between', async () => {
    const step = fc.constantFrom('entry', 'entry', 'look', 'dies-before', 'dies-after');
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        await here.begin('2026-11-28T15:00:00Z');
        const ward = await oversightWard(here);
        await ward.look();
        const before = (await ward.record.counts('2026-11-28', '2026-11-29')).reduce(
          (sum, { times }) => sum + times,
          0,
        );
        const { record } = ward.record;
        const dying = (isKept: boolean) =>
          new ActivityWatch({
            ...ward.parts,
            openDraft: async () => undefined,
            record: {
              ...ward.record,
              async record(batch) {
                if (isKept) await record(batch);
                throw new Error('killed');
              },
            },
          });
        let entries = 0;
        for (const one of steps) {
          if (one === 'entry') {
            entries += 1;
            await happened(here, entry('ticket.accepted'));
            await here.settle();
          } else if (one === 'look') await ward.watch.look();
          else
            await dying(one === 'dies-after')
              .look()
              .catch(() => undefined);
        }
        await ward.watch.look();
        const after = (await ward.record.counts('2026-11-28', '2026-11-29')).reduce((sum, { times }) => sum + times, 0);
        expect(after - before).toBe(entries);
      }),
      { numRuns: 12 },
    );
  });

  it('of two that look at once one counts', async () => {
    const ward = await oversightWard(here);
    const other = await oversightWard(here);
    for (let n = 0; n < 20; n += 1) await happened(here, entry('ticket.accepted'));
    await here.settle();
    await Promise.all([ward.watch.look(), other.watch.look(), ward.watch.look()]);
    const counts = await ward.record.counts('2026-11-28', '2026-11-29');
    expect(counts.find(({ action }) => action === 'ticket.accepted')?.times).toBe(20);
  });

  it('is each of these, and none of what is ordinary', async () => {
    const ward = await oversightWard(here);
    await happened(
      here,
      entry('audit.exported'),
      entry('admin.identity_changed', { actor: 'wardroom', detail: { user: birch } }),
      entry('device.unverified', { actor: 'wardroom', code: 'unsigned', detail: { user: birch, device: 'D' } }),
      ...Array.from({ length: 30 }, () => refusal({ code: 'bad-argument' })),
      ...Array.from({ length: 30 }, () => refusal({ actor: 'service:nightjar' })),
    );
    pass(7 * 60 * MINUTE);
    await happened(here, entry('audit.exported', { room: unit }));
    await ward.look();
    expect((await drafts(ward)).sort()).toEqual([
      'draft export-at-night @amsel:example: an export between 20:00 and 06:00',
      `draft identity-change ${birch}: their identity is another one than was pinned`,
      `draft unverified-device ${birch}: a new device that their identity does not sign`,
    ]);
  });

  it('is a sender who writes far more than on any day before', async () => {
    const ward = await oversightWard(here, { policy: { oversight: { volume: { times: 3, least: 20 } } } });
    const { bench, clock } = here;
    let events = 0;
    const writes = async (sender: UserId, messages: number) => {
      for (let n = 0; n < messages; n += 1)
        await bench.admin.query(
          `INSERT INTO wardroom.inbox_events (event_id, room_id, sender, type, ours, is_root, sent_at, received_at, state)
           VALUES ($1, '!unit:example', $2, 'm.room.encrypted', false, false, 0, to_timestamp($3::bigint / 1000.0), 'handled')`,
          [`$${clock.at}-${events++}`, sender, clock.at],
        );
    };
    for (let day = 0; day < 8; day += 1) {
      await writes(amsel, 8);
      await writes(birch, 24);
      await ward.look();
      pass(DAY);
    }
    expect(await drafts(ward)).toEqual([]);
    await writes(birch, 30);
    await writes(amsel, 15);
    await ward.look();
    await writes(amsel, 15);
    await ward.look();
    await writes(amsel, 15);
    await ward.look();
    expect(await drafts(ward)).toEqual([
      'draft message-volume @amsel:example: 30 messages on one day; the most before were 8 (8 days)',
    ]);
  });

  it('is nothing that is more than a week ago when somebody begins to look; who was in which room is remembered', async () => {
    const ward = await oversightWard(here);
    const join = entry('room.member', { code: 'join', room: unit, detail: { user: amsel } });
    await happened(here, join, entry('breakglass.granted'));
    pass(8 * DAY);
    await happened(here, entry('breakglass.granted', { actor: birch }));
    await ward.look();
    expect(await drafts(ward)).toEqual([`draft break-glass ${birch}: emergency access to a room`]);
    expect(await ward.record.stays(unit)).toMatchObject([{ user: amsel, until: null }]);
  });

  it('survives as a draft until somebody takes it over or dismisses it, with a reason', async () => {
    const ward = await oversightWard(here);
    const { say } = ward;
    await happened(here, entry('breakglass.granted'), entry('breakglass.granted', { actor: birch }));
    await ward.look();
    expect((await say(ash, '!wr incident assess 1 acquired low --because x'))?.code).toBe('still-a-draft');
    expect((await say(ash, '!wr incident dismiss 1'))?.data.argument).toBe('WHY');
    expect((await say(ash, '!wr incident take 1 Nobody asked them to'))?.data.state).toBe('open');
    expect((await say(ash, '!wr incident dismiss 2 A drill'))?.outcome).toBe('ok');
    expect((await say(ash, '!wr incident take 2 After all'))?.code).toBe('no-draft');
    await ward.look();
    expect(await drafts(ward)).toEqual(['open break-glass @amsel:example: emergency access to a room']);
    expect(await audited(here, 'incident.%')).toEqual(
      expect.arrayContaining(['incident.drafted', 'incident.taken', 'incident.dismissed']),
    );
  });
});

describe('who could have read a room', () => {
  it('is known from who came and went, as the audit log has it, and from whose devices got keys', async () => {
    const ward = await oversightWard(here);
    const { bench, clock } = here;
    const moves = async (user: string, code: string) =>
      happened(here, entry('room.member', { code, room: unit, event: eventId('$x'), detail: { user } }));
    await moves('@old:example', 'leave');
    await moves('@amsel:example', 'join');
    await moves('@guest:partner.example', 'invite');
    pass(DAY);
    await moves('@late:partner.example', 'join');
    await moves('@amsel:example', 'leave');
    pass(DAY);
    await moves('@amsel:example', 'join');
    await happened(
      here,
      entry('room.member', { code: 'join', room: '!other:example' as RoomId, detail: { user: '@other:example' } }),
    );
    await bench.admin.query(
      `INSERT INTO wardroom.tickets (ticket_id, service, account, external_id, fingerprint, urgency, state, token, accepted_at, life, text_key_id, text_nonce, text_ciphertext)
       VALUES ('tkt_x', 's', 'a', 'x', 'f', 'stat', 'sent', '1', now(), '{}', 'k', '', '') ON CONFLICT DO NOTHING`,
    );
    await bench.admin.query(
      `INSERT INTO wardroom.messages (message_id, ticket_id, kind, repeat, mention, due, state, txn_id, room_id, readers, queued_at)
       VALUES ('m1', 'tkt_x', 'ticket', 0, '[]', '[]', 'sent', 't', $1, $2, to_timestamp($3::bigint / 1000.0))`,
      [unit, { '@amsel:example': [deviceId('ONE'), deviceId('TWO')] }, clock.at],
    );
    await ward.look();
    const names = async (options: string) => {
      const opened = await ward.say(ash, `!wr incident open x --room 4 West 2 ${options}`);
      const shown = await ward.say(ash, `!wr incident show ${opened?.data.incident}`);
      const [room] = rowsIn(shown, 'readers');
      const people = room?.people as readonly Record<string, unknown>[];
      return { ...room, names: people.map(({ user_id: user, devices }) => `${user} ${devices}`) };
    };
    const all = await names('');
    expect(all.names).toEqual(['@amsel:example 2', '@amsel:example 2', '@late:partner.example 0', '@old:example 0']);
    expect((all as { servers?: unknown }).servers).toEqual(['example', 'partner.example']);
    expect((await names('--from 2026-11-28T16:00Z --until 2026-11-29T14:00Z')).names).toEqual(['@amsel:example 0']);
    expect((await names('--from 2026-11-29T16:00Z --until 2026-11-30T14:00Z')).names).toEqual([
      '@late:partner.example 0',
    ]);
  });
});

describe('devices of administrators', () => {
  const device = (name: string, isSigned: boolean) => ({ user: ash, device: name, isSigned });

  it('that are there at the first look are taken as they are; a new one has ten minutes to be verified', async () => {
    const ward = await oversightWard(here);
    ward.world.devices = [device('OLD', false)];
    await ward.devices.look();
    pass(DAY);
    await ward.devices.look();
    expect(await audited(here, 'device.%')).toEqual(['device.watched']);
    ward.world.devices = [device('OLD', false), device('NEW', false), device('GOOD', true)];
    await ward.devices.look();
    pass(5 * MINUTE);
    await ward.devices.look();
    expect((await audited(here, 'device.%')).slice(1)).toEqual(['device.seen', 'device.seen']);
    pass(5 * MINUTE);
    await ward.devices.look();
    await ward.devices.look();
    expect((await audited(here, 'device.%')).slice(3)).toEqual(['device.unverified']);
    await ward.look();
    expect(await drafts(ward)).toEqual([
      `draft unverified-device ${ash}: a new device that their identity does not sign`,
    ]);
  });

  it('are told of by nobody who verified them in time, and while the homeserver is silent nothing is decided', async () => {
    const ward = await oversightWard(here);
    ward.world.devices = [];
    await ward.devices.look();
    ward.world.devices = [device('NEW', false)];
    await ward.devices.look();
    ward.world.devices = null;
    pass(DAY);
    await ward.devices.look();
    ward.world.devices = [device('NEW', true)];
    await ward.devices.look();
    await ward.look();
    const actions = await audited(here, 'device.%');
    expect(actions).toEqual(['device.watched', 'device.seen', 'device.signed']);
    expect(await drafts(ward)).toEqual([]);
  });
});

describe('the weekly review', () => {
  const reviews = async ({ say }: Ward) =>
    rowsIn(await say(ash, '!wr review list'), 'reviews').map(
      ({ review, from, to, signed_by: by }) => `${review} ${from} ${to} ${by}`,
    );

  it('comes when the week turns, with what happened, and is signed by what it said', async () => {
    const ward = await oversightWard(here);
    const { say } = ward;
    await happened(here, refusal(), entry('policy.changed'), entry('ticket.accepted'), entry('hold.placed'));
    await ward.record.addAlarms('2026-11-28', new Map([['old-key-used', 2]]));
    await say(ash, '!wr incident open x');
    await ward.look();
    here.clock.at = Date.parse('2026-11-30T00:00:30Z');
    await ward.look();
    expect([...ward.told.keys()]).toEqual([]);
    pass(MINUTE);
    await happened(here, entry('policy.changed'));
    await ward.look();
    await ward.look();
    const notice = ward.told.get('wr.review.REV-2026-11-30');
    if (notice?.kind !== 'review') throw new Error('no summary');
    const lines = (title: string) =>
      notice.summary.groups.find((group) => group.title === title)?.lines.map(({ what, times }) => `${what} ${times}`);
    expect(lines('Alarms')).toEqual(['old-key-used 2']);
    expect(lines('Refusals by code')).toEqual(['role-missing 1']);
    // What happened after the turn is of the next week.
    expect(lines('Policy')).toEqual(['policy.changed 1']);
    expect(lines('Legal holds')).toEqual(['hold.placed 1']);
    expect(lines('Emergency access')).toEqual([]);
    expect(notice.summary.incidents).toMatchObject([{ id: 'INC-1', state: 'open' }]);
    expect(notice.summary.not_known.join(' ')).toContain('Log-ins');
    const signed = await say(birch, '!wr review sign REV-2026-11-30 --note looked at it with Ottis');
    expect(signed).toMatchObject({ outcome: 'ok', data: { digest: notice.digest, signed_by: birch } });
    expect((await say(ash, '!wr review sign 2026-11-30'))?.code).toBe('already-signed');
    expect((await say(ash, '!wr review sign REV-2026-12-07'))?.code).toBe('no-such-review');
    expect(await reviews(ward)).toEqual([`REV-2026-11-30 2026-11-28 2026-11-30 ${birch}`]);
  });

  it('stays as it was made, whatever happens later, and nobody can change it in the database', async () => {
    const ward = await oversightWard(here);
    here.clock.at = Date.parse('2026-11-30T01:00:00Z');
    await ward.look();
    const before = (await ward.say(ash, '!wr review show 2026-11-30'))?.data.summary as ReviewSummary;
    await ward.record.addAlarms('2026-11-28', new Map([['late', 5]]));
    await happened(here, entry('policy.changed'));
    await ward.look();
    expect((await ward.say(ash, '!wr review show 2026-11-30'))?.data.summary).toEqual(before);
    for (const change of [
      'UPDATE wardroom.activity_reviews SET summary = summary',
      'DELETE FROM wardroom.activity_reviews',
      'UPDATE wardroom.review_events SET at = at',
      'DELETE FROM wardroom.incident_events',
    ])
      await expect(here.bench.pool.query(change)).rejects.toThrow('permission denied');
  });

  it('is asked for after 3 and 7 days, then daily with an alarm, once each, until somebody signs', async () => {
    const ward = await oversightWard(here);
    const asked: string[] = [];
    for (let day = 0; day <= 12; day += 1) {
      here.clock.at = Date.parse('2026-11-30T12:00:00Z') + day * DAY;
      if (day === 11) await ward.say(ash, '!wr review sign REV-2026-11-30');
      for (const one of [ward, await oversightWard(here), ward]) {
        one.said.length = 0;
        await one.look();
        asked.push(...one.said.filter((id) => id.startsWith('wr.review.REV-2026-11-30')));
      }
    }
    expect(asked).toEqual(
      ['', '.chase.3', '.chase.7', '.chase.8', '.chase.9', '.chase.10'].map((end) => `wr.review.REV-2026-11-30${end}`),
    );
  });

  it('covers weeks that were missed in one summary, and none that are still to come when the clock was wrong', async () => {
    const ward = await oversightWard(here);
    here.clock.at = Date.parse('2026-12-30T12:00:00Z');
    await ward.look();
    expect(await reviews(ward)).toEqual(['REV-2026-12-28 2026-11-28 2026-12-28 null']);
    here.clock.at = Date.parse('2031-12-30T12:00:00Z');
    await ward.look();
    here.clock.at = Date.parse('2027-01-05T12:00:00Z');
    await ward.look();
    expect(await reviews(ward)).toEqual([
      'REV-2031-12-29 2026-12-28 2031-12-29 null',
      'REV-2027-01-04 2026-12-28 2027-01-04 null',
      'REV-2026-12-28 2026-11-28 2026-12-28 null',
    ]);
  });

  it('turns by the hospital’s midnight on the day that the policy names', async () => {
    const ward = await oversightWard(here, {
      policy: { time_zone: 'America/New_York', oversight: { review_day: 'sunday' } },
    });
    here.clock.at = Date.parse('2026-11-29T05:00:30Z');
    await ward.look();
    expect(await reviews(ward)).toEqual([]);
    pass(MINUTE);
    await ward.look();
    expect(await reviews(ward)).toEqual(['REV-2026-11-29 2026-11-28 2026-11-29 null']);
  });

  it('waits for the place where it is told, and is told once', async () => {
    const ward = await oversightWard(here);
    here.clock.at = Date.parse('2026-11-30T01:00:00Z');
    ward.world.hears = false;
    await ward.look();
    await ward.look();
    ward.world.hears = true;
    await ward.look();
    await ward.look();
    expect(ward.said).toEqual(['wr.review.REV-2026-11-30']);
  });
});
