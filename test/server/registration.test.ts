import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Secret } from '../../src/kernel/phi.ts';
import { readRegistration, registrationDocument, writeRegistration } from '../../src/server/registration.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'wardroom-registration-'));
  path = join(dir, 'registration.yaml');
});
afterEach(() => rmSync(dir, { recursive: true }));

const write = (url = 'http://127.0.0.1:9009', server = 'hospital.example') => writeRegistration(path, url, server);
const read = () => parse(readFileSync(path, 'utf8'));

describe('the registration file', () => {
  it('holds what the homeserver must know, for its owner alone', () => {
    const tokens = write();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['registration.yaml']);
    expect(read()).toEqual({
      id: 'wardroom',
      url: 'http://127.0.0.1:9009',
      as_token: tokens.as.reveal(),
      hs_token: tokens.hs.reveal(),
      sender_localpart: '_wardroom_unused',
      rate_limited: false,
      receive_ephemeral: true,
      'io.element.msc4190': true,
      namespaces: { users: [{ exclusive: true, regex: '@wardroom(_.*)?:hospital\\.example' }], aliases: [], rooms: [] },
    });
    expect(tokens.as.reveal()).not.toBe(tokens.hs.reveal());
  });

  it('keeps its tokens when it is written again with another address', () => {
    const before = write();
    const after = write('http://127.0.0.1:1234', 'other.example');
    expect(after.as.reveal()).toBe(before.as.reveal());
    expect(read()).toMatchObject({
      url: 'http://127.0.0.1:1234',
      as_token: before.as.reveal(),
      hs_token: before.hs.reveal(),
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readRegistration(path).hs.reveal()).toBe(before.hs.reveal());
  });

  it.each([
    ['is readable by others', (file: string) => chmodSync(file, 0o644), 'chmod 600'],
    [
      'has lost a token',
      (file: string) => writeFileSync(file, 'id: wardroom\nas_token: CNRY-0123456789abcdef\n'),
      'holds no hs_token',
    ],
    ['is no YAML', (file: string) => writeFileSync(file, 'as_token: [CNRY\n'), 'is not YAML'],
  ])('is not touched when it %s', (_what, spoil, message) => {
    write();
    spoil(path);
    const before = readFileSync(path, 'utf8');
    expect(() => write()).toThrow(message);
    expect(() => write()).not.toThrow('CNRY');
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it.each([
    ['hospital.example', '@wardroom:hospital.example', true],
    ['hospital.example', '@wardroom_kestrel:hospital.example', true],
    ['hospital.example', '@wardroomx:hospital.example', false],
    ['hospital.example', '@wardroom:hospitalxexample', false],
    ['hospital.example', '@_wardroom_unused:hospital.example', false],
    ['[::1]:8448', '@wardroom:[::1]:8448', true],
  ])('on %s claims or leaves alone %s', (server, user, claimed) => {
    const tokens = { as: new Secret('a'), hs: new Secret('h') };
    const { namespaces } = registrationDocument(tokens, 'http://x', server) as {
      namespaces: { users: { regex: string }[] };
    };
    expect(new RegExp(`^(?:${namespaces.users[0]!.regex})$`).test(user)).toBe(claimed);
  });

  it('looks like the commented example in the repository', () => {
    write();
    const example = parse(readFileSync(join(import.meta.dirname, '../../registration.yaml'), 'utf8'));
    const { as_token: _as, hs_token: _hs, ...rest } = read();
    expect(example).toEqual({ ...rest, as_token: expect.any(String), hs_token: expect.any(String) });
  });
});
