import { request } from '../../src/dev/admin.ts';
import { devKill, devStart } from '../../src/dev/commands.ts';
import type { Person, SeenEvent } from '../../src/dev/person.ts';
import { loadConfig } from '../../src/server/config/index.ts';
import { readRegistration } from '../../src/server/registration.ts';
import { ask } from './support/database.ts';
import { auditOf } from './support/record.ts';
import { mentioned, relation, Ward } from './support/ward.ts';
import { WardroomProcess } from './support/wardroomProcess.ts';

interface Answer {
  readonly command: string;
  readonly outcome: string;
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly confirm?: string;
  readonly expires_at?: string;
}

let ward: Ward;
let room: string;
let fir: Person;
let gorse: Person;

/** The first file of a run (test/support/sequencer.js). One after the other: each test begins where the one before it ended, as two administrators would live it. */
beforeAll(async () => {
  ward = await Ward.open();
  room = ward.hospital.control_room_id ?? '';
  [fir, gorse] = await Promise.all([ward.person('adm.fir'), ward.person('adm.gorse')]);
});
afterAll(() => ward?.close());

const answerIn = (event: SeenEvent) => event.content['org.wardroom.answer'] as Answer | undefined;
const answers = (to: string) => (event: SeenEvent) =>
  answerIn(event) !== undefined && relation(event)?.['m.in_reply_to']?.event_id === to;

/** Gives a command; its answer as `reader` sees it. */
async function command(from: Person, words: string, reader: Person = from) {
  const id = await from.say(room, `!wr ${words}`);
  const event = await reader.waitFor(answers(id));
  const answer = answerIn(event);
  if (answer === undefined) throw new Error('no answer');
  return { id, event, answer };
}

/** What the control room was told of an administrator's identity, as somebody sees it. */
const told = (about: Person, fingerprint: string) => (event: SeenEvent) => {
  const part = event.content['org.wardroom.administrator'] as Record<string, unknown> | undefined;
  return part?.user_id === about.userId && part.fingerprint === fingerprint;
};

const statesSeenBy = async (person: Person): Promise<Record<string, unknown>> => {
  const { answer } = await command(person, 'admin list');
  const rows = answer.data.administrators as { user_id: string; state: string }[];
  return Object.fromEntries(rows.map(({ user_id, state }) => [user_id, state]));
};

const prefix = (key: string) => key.slice(0, 16).replace(/.{4}(?=.)/g, '$& ');

describe('the first two administrators', () => {
  it('are each shown the fingerprint of the other, as the other has it in their own client', async () => {
    for (const [about, reader] of [
      [fir, gorse],
      [gorse, fir],
    ] as const) {
      const key = await about.masterKey();
      const notice = await reader.waitFor(told(about, key));
      expect(notice.sender).toBe(ward.hospital.bot_user_id);
      expect(notice.encrypted).toBe(true);
      expect(mentioned(notice)).toEqual([reader.userId]);
      const body = String(notice.content.body);
      for (const part of [key.replace(/.{4}(?=.)/g, '$& '), `!wr admin confirm ${about.userId}`])
        expect(body).toContain(part);
      expect(String(notice.content.formatted_body)).toContain(`<code>${key.replace(/.{4}(?=.)/g, '$& ')}</code>`);
      expect(notice.content['org.wardroom.administrator']).toMatchObject({ state: 'seen' });
    }
  });

  it('can ask for help and for who they are', async () => {
    const { event, answer, id } = await command(fir, 'help');
    expect(event.content.msgtype).toBe('m.notice');
    expect(event.encrypted).toBe(true);
    expect(event.sender).toBe(ward.hospital.bot_user_id);
    expect(relation(event)).toEqual({ 'm.in_reply_to': { event_id: id } });
    expect(answer).toMatchObject({ command: 'help', outcome: 'ok', code: 'help' });
    for (const word of ['!wr admin list', '!wr admin confirm', '!wr help'])
      expect(String(event.content.body)).toContain(word);
    expect(String(event.content.body)).not.toContain('did not fit');
    expect(await statesSeenBy(gorse)).toEqual({ [fir.userId]: 'seen', [gorse.userId]: 'seen' });
  });

  it('are refused when they confirm themselves', async () => {
    const { answer } = await command(fir, `admin confirm ${fir.userId} ${prefix(await fir.masterKey())}`);
    expect(answer).toMatchObject({ command: 'admin confirm', outcome: 'refused', code: 'needs-second-person' });
  });

  it('are refused with a fingerprint that is wrong, too short, or somebody else’s', async () => {
    const key = await gorse.masterKey();
    const spoiled = `${key[0] === 'A' ? 'B' : 'A'}${key.slice(1, 16)}`;
    for (const given of [spoiled, key.slice(0, 15), key.toLowerCase(), `${key}A`, await fir.masterKey(), '%%%%', '']) {
      const { answer } = await command(fir, `admin confirm ${gorse.userId} ${given}`);
      expect({ given, ...answer }).toMatchObject({
        outcome: 'refused',
        code: 'bad-argument',
        data: { argument: 'FINGERPRINT' },
      });
    }
    for (const user of ['gorse', ward.userId('dr.alder'), '@nobody:nowhere.example']) {
      const { answer } = await command(fir, `admin confirm ${user} ${key}`);
      expect({ user, ...answer }).toMatchObject({ code: 'bad-argument', data: { argument: 'USER' } });
    }
    expect(await statesSeenBy(gorse)).toEqual({ [fir.userId]: 'seen', [gorse.userId]: 'seen' });
  });

  it('give no command from a device that they did not sign, nor in the clear', async () => {
    const unsigned = await ward.person('adm.fir', { verify: false, deviceName: 'borrowed' });
    await unsigned.room(room);
    const { answer } = await command(
      unsigned,
      `admin confirm ${gorse.userId} ${prefix(await gorse.masterKey())}`,
      gorse,
    );
    expect(answer).toMatchObject({ outcome: 'refused', code: 'unverified-device' });
    const url = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/send/m.room.message/clear-1`;
    const body = `!wr admin confirm ${gorse.userId} ${prefix(await gorse.masterKey())}`;
    const { event_id } = await fir.api<{ event_id: string }>('PUT', url, { msgtype: 'm.text', body });
    // A room's events are handled in order: when this one was answered, the one in the clear was passed by.
    expect(await statesSeenBy(fir)).toEqual({ [fir.userId]: 'seen', [gorse.userId]: 'seen' });
    expect(fir.events.all().filter(answers(event_id))).toEqual([]);
    await unsigned.logOut();
  });

  it('are told of a command that there is not', async () => {
    const { answer, event } = await command(fir, 'demolish <b>everything</b> all');
    expect(answer).toEqual({ command: 'unknown', outcome: 'refused', code: 'unknown-command', data: {} });
    expect(JSON.stringify(event.content)).not.toContain('everything');
  });

  it('confirm each other, once', async () => {
    const first = await command(fir, `admin confirm ${gorse.userId} ${prefix(await gorse.masterKey())}`, gorse);
    expect(first.answer).toMatchObject({
      outcome: 'ok',
      code: 'confirmed',
      data: { user_id: gorse.userId, fingerprint: await gorse.masterKey(), state: 'confirmed' },
    });
    // The second is confirmed now, so it takes the second to confirm the first.
    const second = await command(gorse, `admin confirm ${fir.userId} ${await fir.masterKey()}`);
    expect(second.answer).toMatchObject({ outcome: 'ok', code: 'confirmed' });
    expect(await statesSeenBy(fir)).toEqual({ [fir.userId]: 'confirmed', [gorse.userId]: 'confirmed' });
    const again = await command(gorse, `admin confirm ${fir.userId} ${await fir.masterKey()}`);
    expect(again.answer).toMatchObject({ outcome: 'ok', code: 'already-confirmed' });
  });
});

describe('two administrators', () => {
  it('close a STAT that nobody took: one is shown what it does, the other confirms it, once', async () => {
    const id = await ward.post('CONTROL');
    await fir.room(ward.room('CONTROL'));
    await fir.waitFor((event) => String(event.content.body).includes(ward.canary));
    const list = await command(fir, 'ticket list CONTROL', gorse);
    expect(list.answer.data).toMatchObject({ tickets: [{ ticket_id: id, urgency: 'stat', account: 'CONTROL' }] });
    expect(String(list.event.content.formatted_body)).toContain('<table>');
    expect(JSON.stringify(list.event.content)).not.toContain(ward.canary);

    expect((await command(fir, `ticket note ${id} ${ward.canary}`)).answer).toMatchObject({ code: 'noted' });
    const asked = await command(fir, `ticket close ${id}`, gorse);
    expect(asked.answer).toMatchObject({ command: 'ticket close', outcome: 'confirm', data: { second_person: true } });
    const code = asked.answer.confirm ?? '';
    expect(String(asked.event.content.body)).toContain(`!wr confirm ${code}`);
    expect(Date.parse(asked.answer.expires_at ?? '')).toBeGreaterThan(Date.now());
    expect((await command(fir, `confirm ${code}`)).answer.code).toBe('needs-second-person');
    expect((await ward.look(id)).state).not.toBe('closed');

    const [done, again] = [await gorse.say(room, `!wr confirm ${code}`), await gorse.say(room, `!wr confirm ${code}`)];
    expect(answerIn(await fir.waitFor(answers(done)))).toMatchObject({
      command: 'confirm',
      outcome: 'ok',
      code: 'closed',
      data: { of: 'ticket close', ticket_id: id },
    });
    expect(answerIn(await fir.waitFor(answers(again)))).toMatchObject({ outcome: 'refused', code: 'code-used' });
    expect((await ward.look(id)).state).toBe('closed');
    await fir.waitFor((event) => event.content.body === `Closed by the administrator ${gorse.userId}.`);
  });

  it('see long work begin and end in one message', async () => {
    const id = await gorse.say(room, '!wr doctor');
    const first = await fir.waitFor(answers(id));
    const isEdit = (event: SeenEvent) =>
      relation(event)?.rel_type === 'm.replace' && relation(event)?.event_id === first.eventId;
    const last = answerIn(first)?.outcome === 'running' ? await fir.waitFor(isEdit) : first;
    expect(answerIn(last)).toMatchObject({ command: 'doctor', outcome: 'ok', data: { ok: true } });
    expect((await command(gorse, 'status')).answer).toMatchObject({
      outcome: 'ok',
      data: { undelivered: expect.any(Number), parts: expect.arrayContaining([{ part: 'database', ok: true }]) },
    });
  });

  it('change who is on call, see it count, and take it back', async () => {
    const set = await command(fir, 'oncall override CONTROL oncall dr.beech 2020-01-01 2090-01-01', gorse);
    expect(set.answer).toMatchObject({ outcome: 'ok', code: 'changed', data: { changes: [{ who: 'dr.beech' }] } });
    const who = async () => (await command(gorse, 'oncall who CONTROL')).answer.data.roles;
    expect(await who()).toMatchObject([{ role: 'oncall', holder: ['dr.beech'] }]);
    // The room lets in whoever comes by a change.
    const beech = await ward.person('dr.beech');
    await beech.room(ward.room('CONTROL'));
    const [change] = set.answer.data.changes as { id: number }[];
    const withdrawn = await command(gorse, `oncall withdraw #${change?.id}`);
    expect(withdrawn.answer).toMatchObject({ outcome: 'ok', code: 'withdrawn', data: { id: change?.id } });
    expect(await who()).toMatchObject([{ role: 'oncall', holder: ['adm.fir'] }]);

    const id = await fir.say(room, '!wr oncall gaps CONTROL --days 2');
    const shown = await gorse.waitFor(
      (event) => ['no-gap', 'gaps'].includes(answerIn(event)?.code ?? '') && answerIn(event)?.command === 'oncall gaps',
    );
    expect(answerIn(shown)?.data).toMatchObject({ account: 'CONTROL', days: 2 });
    expect(gorse.events.all().filter(answers(id))).toHaveLength(1);
  });

  it('give no command by an edit, nor in another room; a mention will do', async () => {
    const plain = await fir.say(room, 'good morning');
    await fir.send(room, 'm.room.message', {
      msgtype: 'm.text',
      body: '* !wr admin list',
      'm.new_content': { msgtype: 'm.text', body: '!wr admin list' },
      'm.relates_to': { rel_type: 'm.replace', event_id: plain },
    });
    const elsewhere = await fir.say(ward.room('CONTROL'), '!wr admin list');
    const after = await fir.say(ward.room('CONTROL'), '!tickets');
    await fir.waitFor(answers(after));
    const mention = await fir.say(room, 'Wardroom: help', {
      content: { 'm.mentions': { user_ids: [ward.hospital.bot_user_id] } },
    });
    expect(answerIn(await fir.waitFor(answers(mention)))).toMatchObject({ code: 'help' });
    // As clients write a name that was picked from a list: the id stands only in the HTML.
    const picked = await fir.say(room, '!wr admin confirm Gorse AbCd', {
      content: {
        format: 'org.matrix.custom.html',
        formatted_body: `!wr admin confirm <a href="https://matrix.to/#/${gorse.userId}">Gorse</a> AbCd`,
      },
    });
    expect(answerIn(await fir.waitFor(answers(picked)))).toMatchObject({ data: { argument: 'FINGERPRINT' } });
    const answered = fir.events.all().filter((event) => answers(plain)(event) || answers(elsewhere)(event));
    expect(answered).toEqual([]);
  });

  it('are refused what is hostile, and it comes back to nobody', async () => {
    for (const words of [
      'help \u202enoitacifirev',
      `help ${'x'.repeat(20_000)}`,
      'help <img src=x onerror=alert(1)>',
    ]) {
      const { answer, event } = await command(fir, words);
      expect(answer).toMatchObject({ outcome: 'refused', code: 'bad-argument' });
      expect(JSON.stringify(event.content)).not.toMatch(/\u202e|xxxx|onerror/);
    }
  });
});

describe('somebody in the control room who is no administrator', () => {
  it('is refused whatever they say', async () => {
    const alder = await ward.person('dr.alder');
    await invite(alder.userId);
    await alder.join(room);
    for (const words of ['admin list', `admin confirm ${fir.userId} ${await fir.masterKey()}`, 'help', 'nonsense']) {
      const { answer } = await command(alder, words);
      expect({ words, ...answer }).toMatchObject({ outcome: 'refused', code: 'not-admin', data: {} });
    }
    await alder.leave(room);
  });
});

describe('somebody who becomes administrator', () => {
  it('is invited and heard without a restart, and is out of the room when the role is taken', async () => {
    const beech = await ward.person('dr.beech');
    const asked = await command(fir, `role grant ${beech.userId} admin`, gorse);
    expect((await command(gorse, `confirm ${asked.answer.confirm}`, fir)).answer).toMatchObject({ code: 'granted' });
    await beech.room(room);
    const key = await beech.masterKey();
    await gorse.waitFor(told(beech, key));
    expect((await command(beech, 'role who admin')).answer.data.user_ids).toContain(beech.userId);

    const revoked = await command(gorse, `role revoke ${beech.userId} admin`);
    expect(revoked.answer).toMatchObject({ outcome: 'ok', code: 'revoked' });
    await gorse.waitFor(
      // They are taken out of the room of the audit log, too.
      ({ roomId, stateKey, content }) => roomId === room && stateKey === beech.userId && content.membership === 'leave',
    );
    expect(await statesSeenBy(gorse)).toEqual({ [fir.userId]: 'confirmed', [gorse.userId]: 'confirmed' });
    // Even where somebody brings them back.
    await invite(beech.userId);
    await beech.join(room);
    expect((await command(beech, 'help', gorse)).answer.code).toBe('not-admin');
    await beech.leave(room);
  });
});

describe('an administrator whose identity changes', () => {
  it('is suspended, which the other is told, until the other confirms the new one', async () => {
    const tablet = await ward.person('adm.fir', { deviceName: 'tablet' });
    await tablet.room(room);
    expect((await command(tablet, 'admin list', fir)).answer.outcome).toBe('ok');
    const before = await fir.masterKey();
    await fir.resetIdentity(ward.password('adm.fir'));
    const key = await fir.masterKey();
    expect(key).not.toBe(before);
    const notice = await gorse.waitFor(told(fir, key));
    expect(notice.content['org.wardroom.administrator']).toMatchObject({ state: 'changed', previous: before });
    await gorse.waitFor((event) => String(event.content.body).includes('admin-identity-changed'));
    expect(await statesSeenBy(gorse)).toEqual({ [fir.userId]: 'changed', [gorse.userId]: 'confirmed' });

    for (const words of ['admin list', 'help', `admin confirm ${fir.userId} ${key}`, 'nonsense'])
      expect((await command(fir, words)).answer).toMatchObject({ outcome: 'refused', code: 'identity-changed' });
    const old = await command(gorse, `admin confirm ${fir.userId} ${before}`);
    expect(old.answer).toMatchObject({ outcome: 'refused', code: 'bad-argument' });

    const approved = await command(gorse, `admin confirm ${fir.userId} ${prefix(key)}`);
    expect(approved.answer).toMatchObject({ outcome: 'ok', code: 'confirmed', data: { fingerprint: key } });
    expect(await statesSeenBy(fir)).toEqual({ [fir.userId]: 'confirmed', [gorse.userId]: 'confirmed' });
    // It is signed by the old identity only, in whose session it speaks: who took it gives no commands.
    expect((await command(tablet, 'admin list', gorse)).answer.code).toBe('unverified-device');
    await tablet.logOut();
  });

  it('is found out also when the change happened while Wardroom was away', async () => {
    await devKill({ dir: ward.dir, part: 'wardroom' });
    await fir.resetIdentity(ward.password('adm.fir'));
    const key = await fir.masterKey();
    await devStart({ dir: ward.dir, part: 'wardroom' });
    await gorse.waitFor(told(fir, key));
    expect((await command(fir, 'admin list')).answer.code).toBe('identity-changed');
    await command(gorse, `admin confirm ${fir.userId} ${key}`);
    expect((await command(fir, 'admin list')).answer.outcome).toBe('ok');
  });
});

describe('a command that Wardroom dies over', () => {
  it('is done and answered once', async () => {
    const program = new WardroomProcess(ward);
    const ticket = await ward.post('CONTROL');
    const { confirm } = (await command(gorse, `ticket close ${ticket}`)).answer;
    await program.kill();
    const id = await gorse.say(room, '!wr admin list');
    // The homeserver brings it when Wardroom is there again; what it did is not committed yet when it ends.
    await program.startUntilCrash({ 'change.before_commit': 1 });
    await program.start();
    expect(answerIn(await gorse.waitFor(answers(id)))).toMatchObject({ outcome: 'ok', code: 'listed' });
    // A room's events are handled in order: what comes again would have come before this.
    await command(gorse, 'help');
    expect(gorse.events.all().filter(answers(id))).toHaveLength(1);
    const rows = await ask(ward.hospital, 'SELECT 1 FROM wardroom.command_answers WHERE event_id = $1', [id]);
    expect(rows).toHaveLength(1);
    // What waited for a code waits still.
    expect((await command(fir, `confirm ${confirm}`)).answer).toMatchObject({
      code: 'closed',
      data: { ticket_id: ticket },
    });
  });
});

describe('what became of it', () => {
  it('is in the audit log, refusals too', async () => {
    const entries = [...(await auditOf(ward, 'admin.')), ...(await auditOf(ward, 'command.'))];
    const actions = (action: string) => entries.filter((entry) => entry.action === action);
    expect(actions('admin.identity_seen').map(({ detail }) => detail?.user)).toEqual(
      expect.arrayContaining([fir.userId, gorse.userId]),
    );
    expect(actions('admin.identity_confirmed')).toHaveLength(4);
    for (const entry of actions('admin.identity_confirmed')) expect(entry.actor).not.toBe(entry.detail?.user);
    expect(actions('admin.identity_changed')).toHaveLength(2);
    const refusals = actions('command.given').filter(({ outcome }) => outcome === 'refused');
    expect(new Set(refusals.map(({ code }) => code))).toEqual(
      new Set([
        'needs-second-person',
        'bad-argument',
        'unverified-device',
        'unknown-command',
        'not-admin',
        'identity-changed',
        'code-used',
      ]),
    );
    // With what Wardroom knows of the arguments, and nothing that somebody wrote.
    const given = (command: string) => actions('command.given').filter(({ detail }) => detail?.command === command);
    expect(given('oncall override').map(({ detail }) => detail)).toMatchObject([
      { account: 'CONTROL', role: 'oncall', tier: 'primary' },
    ]);
    expect(given('ticket note').map(({ detail }) => detail)).toMatchObject([{ account: 'CONTROL' }]);
    expect(given('confirm').map(({ detail }) => detail)).toContainEqual(
      expect.objectContaining({ of: 'ticket close', asked_by: fir.userId }),
    );
    // As many answers as commands that the homeserver took in encrypted.
    const [row] = await ask<{ count: string }>(ward.hospital, 'SELECT count(*) AS count FROM wardroom.command_answers');
    expect(actions('command.given')).toHaveLength(Number(row?.count));
    const said = gorse.events.all().flatMap((event) => {
      const to = answerIn(event) === undefined ? undefined : relation(event)?.['m.in_reply_to']?.event_id;
      return to === undefined ? [] : [to];
    });
    expect(said.length).toBe(new Set(said).size);
    expect(JSON.stringify(entries)).not.toMatch(/onerror|everything|CNRY/);
  });
});

/** As the bot, since only it may. */
async function invite(user: string): Promise<void> {
  const { hospital } = ward;
  const config = loadConfig([...hospital.config_files]);
  if (!config.ok) throw new Error('no configuration');
  const token = readRegistration(config.value.appservice.registration_file).as.reveal();
  const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/invite?user_id=${encodeURIComponent(hospital.bot_user_id)}`;
  await request('POST', `${hospital.homeserver_url}${path}`, { token, body: { user_id: user } });
}
