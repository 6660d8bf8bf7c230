import pg from 'pg';
import { devKill, devStart } from '../../src/dev/commands.ts';
import type { Person } from '../../src/dev/person.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { about, Ward } from './support/ward.ts';

let ward: Ward;
let alder: Person;
let room: string;
let synapse: pg.Client;

beforeAll(async () => {
  ward = await Ward.open();
  alder = await ward.person('dr.alder');
  room = ward.room('UNSAID');
  synapse = new pg.Client({ connectionString: ward.hospital.processes.synapse.database_url });
  await synapse.connect();
});
afterAll(async () => {
  await synapse?.end();
  await ward?.close();
});

/** A ticket on the screen of the one who answers it. */
async function onScreen(): Promise<{ readonly id: string; readonly root: string }> {
  const id = await ward.post('UNSAID');
  const root = (await alder.waitFor(about(id, 'ticket'), { timeoutMs: 60_000 })).eventId;
  await ward.untilState(id, 'delivered').catch(() => ward.untilState(id, 'seen'));
  return { id, root };
}

/** Transactions of events for Wardroom that the homeserver has stored. */
const stored = async (): Promise<number> =>
  (await synapse.query<{ n: number }>('SELECT count(*)::int AS n FROM application_services_txns')).rows[0]?.n ?? 0;

/**
 * While it works, the homeserver cannot store what it is about to push, as when its database fails or it is killed in this moment:
 * it forgets it (`_TransactionController.send`, "AS request failed"). Tells how often that was so: a sequence is not rolled back.
 */
async function forgetting(): Promise<{ times(): Promise<number>; end(): Promise<void> }> {
  await synapse.query(`
    CREATE SEQUENCE forgotten;
    CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM nextval('forgotten'); RAISE EXCEPTION 'forgotten'; END $$;
    CREATE TRIGGER forget BEFORE INSERT ON application_services_txns FOR EACH ROW EXECUTE FUNCTION forget();`);
  return {
    async times() {
      const { rows } = await synapse.query<{ n: string }>(
        'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM forgotten',
      );
      return Number(rows[0]?.n);
    },
    async end() {
      await synapse.query(
        'DROP TRIGGER forget ON application_services_txns; DROP FUNCTION forget; DROP SEQUENCE forgotten;',
      );
    },
  };
}

describe('an acknowledgement that the homeserver took and never pushed', () => {
  it('is heard while Wardroom runs', async () => {
    const { id, root } = await onScreen();
    const forgets = await forgetting();
    try {
      await alder.say(room, 'ok', { thread: root });
      await pollUntil('forgotten', async () => (await forgets.times()) > 0, { deadlineMs: 30_000 });
    } finally {
      await forgets.end();
    }
    const ticket = await ward.untilState(id, 'acknowledged');
    expect(ticket.acknowledged).toMatchObject({ by: alder.userId, how: 'reply', strength: 'device' });
  });

  it('is heard when Wardroom starts, and nothing is heard twice', async () => {
    const [first, second] = [await onScreen(), await onScreen()];
    await devKill({ dir: ward.dir, part: 'wardroom' });
    await alder.react(room, first.root, '✅');
    await alder.say(room, 'ok', { thread: second.root });
    await pollUntil('both stored', async () => (await stored()) >= 2, { deadlineMs: 30_000 });
    await synapse.query('DELETE FROM application_services_txns');
    await devStart({ dir: ward.dir, part: 'wardroom' });
    const tickets = [await ward.untilState(first.id, 'acknowledged'), await ward.untilState(second.id, 'acknowledged')];
    expect(tickets.map(({ acknowledged }) => acknowledged?.how)).toEqual(['reaction', 'reply']);
    for (const { timeline } of tickets)
      expect(timeline.filter(({ event }) => event === 'acknowledged')).toHaveLength(1);
  });

  it('counts for nothing when it was taken back before it was heard', async () => {
    const { id, root } = await onScreen();
    await devKill({ dir: ward.dir, part: 'wardroom' });
    const reaction = await alder.react(room, root, '✅');
    await alder.redact(room, reaction);
    await pollUntil('both stored', async () => (await stored()) >= 2, { deadlineMs: 30_000 });
    await synapse.query('DELETE FROM application_services_txns');
    await devStart({ dir: ward.dir, part: 'wardroom' });
    // What is said later in the room is heard later.
    await alder.say(room, 'who is this for?', { thread: root });
    const ticket = await ward.until(id, ({ timeline }) => timeline.some(({ event }) => event === 'reply'));
    expect(ticket.acknowledged).toBeNull();
  });
});
