import { userId } from '../../src/kernel/ids.ts';
import { deviceTrust } from '../../src/matrix/deviceTrust.ts';
import { RequestFailed } from '../../src/matrix/matrixRequest.ts';

const [ash, birch] = [userId('@ash:example'), userId('@birch:example')];
const signedBy = (user: string, ...keys: readonly string[]) => ({
  signatures: { [user]: Object.fromEntries(keys.map((key) => [key, 'x'])) },
});

describe('whose devices their owners sign', () => {
  it('is told by the signature of their own identity, and by no other', async () => {
    const body = {
      device_keys: {
        [ash]: {
          GOOD: signedBy(ash, 'ed25519:GOOD', 'ed25519:SELF'),
          OWN: signedBy(ash, 'ed25519:OWN'),
          FORGED: signedBy(birch, 'ed25519:SELF'),
          WAITING: { ...signedBy(ash, 'ed25519:WAITING'), dehydrated: true },
          BARE: {},
        },
        [birch]: { ONE: signedBy(birch, 'ed25519:ONE') },
      },
      self_signing_keys: { [ash]: { keys: { 'ed25519:SELF': 'SELF' } } },
    };
    const devices = await deviceTrust(async () => ({ status: 200, body }), [ash, birch]);
    expect(devices?.map(({ user, device, isSigned }) => `${user} ${device} ${isSigned}`)).toEqual([
      `${ash} GOOD true`,
      `${ash} OWN false`,
      `${ash} FORGED false`,
      `${ash} BARE false`,
      `${birch} ONE false`,
    ]);
  });

  it('is not known while the homeserver does not answer', async () => {
    expect(await deviceTrust(async () => ({ status: 502, body: null }), [ash])).toBeNull();
    expect(await deviceTrust(() => Promise.reject(new RequestFailed('timeout', true)), [ash])).toBeNull();
  });
});
