import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../../src/dev/checkout.ts';
import { devDown, devKill, devStart, devStatus, devUp } from '../../src/dev/commands.ts';
import type { DevUp, HospitalInfo } from '../../src/dev/hospitalInfo.ts';
import { layoutOf } from '../../src/dev/layout.ts';
import { Person } from '../../src/dev/person.ts';
import { removeHospital } from '../../src/dev/removeHospital.ts';
import { readState } from '../../src/dev/state.ts';

/** Somebody of a hospital, on a verified device. */
async function somebody(hospital: HospitalInfo, key: string): Promise<Person> {
  const { user_id: userId, password, recovery_key: recoveryKey } = hospital.people.find((one) => one.key === key)!;
  return Person.logIn({ url: hospital.homeserver_url, userId, password, recoveryKey });
}

const dir = mkdtempSync(join(tmpdir(), 'wardroom-pair-test-'));
afterAll(() => removeHospital(dir));

describe('wardroom dev up --hospitals 2', () => {
  let document: DevUp;
  const [first, second] = [() => document.hospitals[0]!, () => document.hospitals[1]!];

  beforeAll(async () => {
    const overlay = join(dir, 'overlay.yaml');
    writeFileSync(overlay, 'dev: { domains: { brinewater.example: two } }\n');
    const data = join(checkout, 'test/fixtures/data/oncall.yaml');
    document = await devUp({ dir, hospitals: 2, data, config: [overlay] });
  });

  it('puts people where their domain is, and accounts where the people of their practice are', () => {
    expect(document.hospitals.map(({ name }) => name)).toEqual(['one', 'two']);
    expect(second().people.map(({ key }) => key)).toEqual([
      'dr.averkamp',
      'dr.sundqvist',
      'dr.oyelowe',
      'np.tarrow',
      'mgr.pryce',
    ]);
    expect(first().people.map(({ key }) => key)).not.toContain('dr.averkamp');
    const accounts = (hospital: HospitalInfo) =>
      new Set(hospital.services.flatMap((service) => service.accounts.map(({ id }) => id)));
    expect(accounts(first())).toEqual(new Set(['LARK-CARD', 'ORRIN-HOME', 'VESPER-RECOVERY', 'TAMSIN-OB']));
    expect(accounts(second())).toEqual(new Set(['BRINE-PEDS']));
    expect(first().services[0]?.token).not.toBe(second().services[0]?.token);
  });

  it('has the first two people of each hospital in its control room', async () => {
    const averkamp = await somebody(second(), 'dr.averkamp');
    expect(await averkamp.rooms()).toContain(second().control_room_id);
    expect(await averkamp.rooms()).not.toContain(first().control_room_id);
    await averkamp.logOut();
  });

  it('federates with certificates that are checked: a room of one reaches people of both, encrypted', async () => {
    const [fenn, averkamp] = [await somebody(first(), 'dr.fenn'), await somebody(second(), 'dr.averkamp')];
    const { room_id } = await fenn.api<{ room_id: string }>('POST', '/_matrix/client/v3/createRoom', {
      preset: 'private_chat',
      invite: [averkamp.userId],
      initial_state: [{ type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }],
    });
    await averkamp.join(room_id);
    await fenn.waitFor(({ type, sender }) => type === 'm.room.member' && sender === averkamp.userId);
    const event = await fenn.say(room_id, 'over both hospitals');
    const seen = await averkamp.waitFor(({ eventId }) => eventId === event);
    expect([seen.content.body, seen.encrypted]).toEqual(['over both hospitals', true]);
    const settings = readFileSync(join(layoutOf(dir).hospital('two').synapse.dir, 'homeserver.yaml'), 'utf8');
    expect(settings).not.toContain('federation_verify_certificates: false');
    await Promise.all([fenn.logOut(), averkamp.logOut()]);
  });

  it('kills and starts the parts of the hospital that is named, and refuses one there is not', async () => {
    const { hospitals } = await devKill({ dir, part: 'synapse', hospital: 2 });
    expect(hospitals.map(({ parts }) => parts.synapse.running)).toEqual([true, false]);
    await expect(devKill({ dir, part: 'synapse', hospital: 3 })).rejects.toThrow('--hospital: there are 2');
    await devStart({ dir, part: 'synapse', hospital: 2 });
    expect((await devStatus({ dir })).hospitals[1]?.parts.synapse.running).toBe(true);
  });

  it('refuses to call two what are fewer than were asked for', async () => {
    await expect(devUp({ dir, hospitals: 3 })).rejects.toThrow('2 of 3 run');
    await expect(devUp({ dir, hospitals: 5 })).rejects.toThrow('at most 4');
  });

  it('takes over a directory from when there was only one', async () => {
    await devDown({ dir });
    const layout = layoutOf(dir);
    const { hospitals, data, config } = (await readState(layout))!;
    writeFileSync(layout.state, JSON.stringify({ version: 1, ...hospitals[0], data, config }));
    const state = await readState(layout);
    expect(state).toEqual({ version: 2, hospitals: [hospitals[0]], data, config });
  });
});
