import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Config, faultLine, loadConfig } from '../../../src/server/config/index.ts';

const root = join(import.meta.dirname, '../../..');
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'wardroom-config-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const file = (name: string, text: string): string => {
  const path = join(dir, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
};
const BASE = 'homeserver: {url: "http://127.0.0.1:8008", server_name: hospital.example}\ndata_dir: data\n';
const PEOPLE =
  'people:\n  dr.amsel: {mxid: "@amsel:marlow.example"}\n  dr.brandt: {mxid: "@brandt:marlow.example"}\n  np.castellan: {mxid: "@cas:other.example"}\n';

const ONCALL = 'site: {default_oncall: [dr.amsel]}\n';

/** The faults as the command line prints them, with the directory left out. */
const faultsOf = (...files: string[]): string[] => {
  const loaded = loadConfig(files);
  return loaded.ok ? [] : loaded.error.map((fault) => faultLine(fault).replaceAll(`${dir}/`, ''));
};
const configOf = (...files: string[]): Config => {
  const loaded = loadConfig(files);
  if (!loaded.ok) throw new Error(loaded.error.map(faultLine).join('\n'));
  return loaded.value;
};

describe('the configuration', () => {
  it('accepts the files of the repository', () => {
    const config = configOf(join(root, 'config/wardroom.yaml'), join(root, 'config/dispatch.yaml'));
    expect(Object.keys(config.dispatch.services)).toEqual(['kestrel']);
    expect(config.control_members).toEqual(['@amsel:hospital.example', '@ostrander:hospital.example']);
  });

  it('accepts the shared on-call data as they are', () => {
    const config = configOf(file('w.yaml', BASE), join(root, 'test/fixtures/data/oncall.yaml'));
    expect(Object.keys(config.dispatch.people)).toHaveLength(15);
    expect(Object.keys(config.dispatch.services)).toEqual(['nightjar', 'wren', 'orrin-frontdesk']);
  });

  it('has a default for everything that is not required', () => {
    const config = configOf(file('w.yaml', BASE));
    expect(config).toMatchObject({
      rooms: { version: '12' },
      crypto: { devices: 'cross-signed', rotation: { messages: 100, period: 7 * 86_400_000 } },
      bot: { require_cross_signed: true },
      delivery: { callback_give_up: 3 * 86_400_000 },
      audit: { origin: 'hospital.example/wardroom' },
      appservice: { url: 'http://127.0.0.1:9009', registration_file: join(dir, 'data/secrets/registration.yaml') },
      secrets_dir: join(dir, 'data/secrets'),
    });
    expect(config.dev).toBeUndefined();
  });

  it('merges mappings deeply, replaces lists and values, the later file first', () => {
    const one = file(
      'one.yaml',
      `${BASE}${ONCALL}${PEOPLE}http: {port: 1000, rate_limits: {service_per_minute: 5}}\nservices: {kestrel: {accounts: [A, B]}}\n`,
    );
    const two = file(
      'two.yaml',
      'http: {host: "::1", rate_limits: {bad_tokens_per_minute: 6}}\nservices: {kestrel: {accounts: [C]}, wren: {accounts: [D]}}\nrooms: {version: 11}\n',
    );
    const config = configOf(one, two);
    expect(config.http).toMatchObject({
      host: '::1',
      port: 1000,
      rate_limits: { service_per_minute: 5, bad_tokens_per_minute: 6 },
    });
    expect(config.dispatch.services.kestrel?.accounts).toEqual(['C']);
    expect(Object.keys(config.dispatch.services)).toEqual(['kestrel', 'wren']);
    expect(config.rooms.version).toBe('11');
    expect(configOf(two, one).dispatch.services.kestrel?.accounts).toEqual(['A', 'B']);
  });

  it('counts a relative path from the file it stands in', () => {
    const one = file('a/one.yaml', `${BASE}database: {url_file: x/url}\n`);
    const two = file('b/c/two.yaml', 'secrets_dir: ../keys\ndev: {clock_file: /abs/clock}\n');
    const config = configOf(one, two);
    expect(config).toMatchObject({
      data_dir: join(dir, 'a/data'),
      database: { url_file: join(dir, 'a/x/url') },
      secrets_dir: join(dir, 'b/keys'),
      dev: { clock_file: '/abs/clock' },
    });
  });

  it('takes a section whose keys are all commented out as not there', () => {
    expect(configOf(file('w.yaml', `${BASE}audit:\n  # origin: x\ndev:\n`)).audit.origin).toBe(
      'hospital.example/wardroom',
    );
  });
});

describe('a wrong configuration', () => {
  it('is answered with every fault at once, each with its file, line and key', () => {
    const one = file(
      'one.yaml',
      [
        'homeserver: {url: "ftp://u:hunter2@host", server_name: "a b"}', // 1
        'nonsense: 1', // 2
        'http:', // 3
        '  port: 99999', // 4
        '  prot: 1', // 5
        'appservice: {port: 9464}', // 6
        'database: {url: "postgresql://a:hunter2@h/d", owner_url: 5}', // 7
        'crypto: {devices: some, rotation: {period: 7 days}}', // 8
      ].join('\n'),
    );
    const two = file(
      'two.yaml',
      [
        'data_dir: 7', // 1
        'services:', // 2
        '  Bad Id: {accounts: [X], callback_url: "http://evil.example/hunter2"}', // 3
        '  kestrel: {replies: maybe}', // 4
        'people:', // 5
        '  a: {mxid: nobody}', // 6
        '  b: {mxid: "@wardroom:hospital.example", fax: 1}', // 7
        'protocols:', // 8
        '  X/STAT: {steps: [{at: soon, do: shout}]}', // 9
        'control: {members: [a, ghost]}', // 10
      ].join('\n'),
    );
    const faults = faultsOf(one, two);
    expect(faults).toEqual([
      'one.yaml:1 homeserver.url: must be an http:// or https:// URL without user, password, query and fragment',
      'one.yaml:1 homeserver.server_name: must be a Matrix server name, host or host:port',
      'one.yaml:1 site.default_oncall: nobody gets the tickets of an account without a schedule',
      'one.yaml:2 nonsense: unknown key',
      'one.yaml:4 http.port: must be at most 65535',
      'one.yaml:5 http.prot: unknown key',
      'one.yaml:6 appservice.port: is the same port as metrics.port',
      'one.yaml:7 database.owner_url: must be a string',
      'one.yaml:7 database.url: must not hold a password: put the URL into a file and name it in url_file',
      'one.yaml:8 crypto.devices: must be "cross-signed" or "all"',
      'one.yaml:8 crypto.rotation.period: must be a number with a unit: 250ms, 30s, 10m, 12h or 7d',
      'two.yaml:1 data_dir: must be a string',
      'two.yaml:3 services.Bad Id: the id of a service must be lower-case letters, digits, ".", "_" and "-"',
      'two.yaml:3 services.Bad Id.callback_url: must be an https:// URL without user and password',
      'two.yaml:4 services.kestrel.accounts: is missing',
      'two.yaml:4 services.kestrel.replies: must be "text" or "flag"',
      'two.yaml:6 people.a.mxid: must be a Matrix id, @local:server, in lower case',
      'two.yaml:7 people.b.fax: unknown key',
      'two.yaml:9 protocols.X/STAT.steps.0.at: must be a duration (90s, 5m, 1h), a clock time ("07:30") or next_office_open',
      'two.yaml:9 protocols.X/STAT.steps.0.do: must be "room" or "renotify" or "todo" or "sms" or "voice" or "patch" or "report" or "digest"',
      'two.yaml:10 control.members.1: is nobody under people',
    ]);
    expect(faults.join()).not.toContain('hunter2');
  });

  it('says what is missing at the section that lacks it', () => {
    expect(faultsOf(file('w.yaml', '# a comment\nhomeserver:\n  url: http://127.0.0.1\n'))).toEqual([
      'w.yaml:1 data_dir: is missing',
      'w.yaml:2 homeserver.server_name: is missing',
    ]);
  });

  it('names the later file when that one spoiled a value', () => {
    expect(faultsOf(file('one.yaml', BASE), file('two.yaml', '\n\nhomeserver: {server_name: 7}\n'))).toEqual([
      'two.yaml:3 homeserver.server_name: must be a string',
    ]);
  });

  it('does not complain of what may stand in a file that cannot be read', () => {
    const broken = file('broken.yaml', 'homeserver: {url: [\ncontrol: x\n');
    const binary = join(dir, 'binary.yaml');
    writeFileSync(binary, Uint8Array.of(0x61, 0xff, 0xfe));
    const faults = faultsOf(broken, binary, join(dir, 'absent.yaml'), file('list.yaml', '- a\n'));
    expect(faults.join('\n')).not.toContain('is missing');
    expect(faults).toEqual(
      expect.arrayContaining([
        'binary.yaml:1 not UTF-8',
        'absent.yaml:1 no such file',
        'list.yaml:1 must be a mapping of keys',
      ]),
    );
    expect(faults.some((fault) => /^broken\.yaml:\d+ not YAML/.test(fault))).toBe(true);
  });

  it('says that a key stands there twice', () => {
    expect(faultsOf(file('w.yaml', `${BASE}rooms: {version: 12}\nrooms: {version: 11}\n`))).toEqual([
      'w.yaml:4 the same key twice',
    ]);
  });

  it('ends in faults, not in a crash, for keys that are traps and nests without end', () => {
    const deep = `${BASE}site: ${'{a: '.repeat(80)}1${'}'.repeat(80)}\n`;
    expect(faultsOf(file('deep.yaml', deep)).join('\n')).toMatch(/deep\.yaml:3 site\.a\.a\.a\.\.\.: nested too deeply/);
    expect(faultsOf(file('proto.yaml', `${BASE}__proto__: {polluted: 1}\nconstructor: 1\n`))).toEqual([
      'proto.yaml:3 __proto__: unknown key',
      'proto.yaml:4 constructor: unknown key',
    ]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});

describe('names in dispatch.yaml that mean nobody', () => {
  const text = (practice: string) =>
    `${BASE}${ONCALL}${PEOPLE}services: {kestrel: {accounts: [X]}}\npractices:\n  X: ${practice}\n`;

  it('are faults, listed together with those of the schema', () => {
    expect(
      faultsOf(file('w.yaml', `${text('{tz: Europe/Vienna, default: [dr.ghost]}')}  Y: {tz: Atlantis}\n`)),
    ).toEqual([
      'w.yaml:10 practices.X.default.0: is nobody under people',
      'w.yaml:11 practices.Y.tz: must be an IANA time zone, America/New_York',
      'w.yaml:11 practices.Y.default: is missing',
    ]);
  });

  it('are not invented because a person is malformed', () => {
    const broken = text('{tz: Europe/Vienna, default: [dr.amsel]}').replace('"@amsel:marlow.example"', '7');
    expect(faultsOf(file('w.yaml', broken))).toEqual(['w.yaml:5 people.dr.amsel.mxid: must be a string']);
    expect(faultsOf(file('w.yaml', `${BASE}${ONCALL}people: none\n`))).toEqual(['w.yaml:4 people: must be a mapping']);
  });

  it('leave a warning where the site can stand in', () => {
    const config = configOf(file('w.yaml', `${BASE}${ONCALL}${PEOPLE}services: {kestrel: {accounts: [X]}}\n`));
    expect(config.warnings.map((warning) => faultLine(warning).replaceAll(`${dir}/`, ''))).toContain(
      'w.yaml:8 services.kestrel.accounts.0: has no practice: its tickets go to site.default_oncall',
    );
  });
});

describe('the people of the configuration', () => {
  const dev = (text: string) => file('dev.yaml', `dev: ${text}\n`);

  it('keep their ids outside the embedded hospital', () => {
    const config = configOf(file('w.yaml', BASE + PEOPLE));
    expect(config.dispatch.people['np.castellan']?.mxid).toBe('@cas:other.example');
  });

  it('move to the embedded hospital that stands for their domain', () => {
    const config = configOf(
      file('w.yaml', BASE + PEOPLE),
      dev('{hospitals: {one: "localhost:1", two: "localhost:2"}, domains: {"*": one, other.example: two}}'),
    );
    expect(Object.values(config.dispatch.people).map((person) => person.mxid)).toEqual([
      '@amsel:localhost:1',
      '@brandt:localhost:1',
      '@cas:localhost:2',
    ]);
  });

  it('may not become one because two domains are mapped to one server', () => {
    const people = 'people: {a: {mxid: "@x:one.example"}, b: {mxid: "@x:two.example"}}\n';
    expect(faultsOf(file('w.yaml', BASE + people))).toEqual([]);
    expect(faultsOf(file('w.yaml', BASE + people), dev('{domains: {"*": localhost}}'))).toEqual([
      'w.yaml:3 people.b.mxid: is the same Matrix id as that of a',
    ]);
  });

  it('may not be one of Wardroom', () => {
    const people =
      'people: {a: {mxid: "@wardroom_kestrel:hospital.example"}, b: {mxid: "@wardrooms:hospital.example"}}\n';
    expect(faultsOf(file('w.yaml', BASE + people))).toEqual(['w.yaml:3 people.a.mxid: is kept for Wardroom itself']);
  });

  it.each([
    ['the first two', '', ['@amsel:marlow.example', '@brandt:marlow.example']],
    ['those of control.members', 'control: {members: [np.castellan]}\n', ['@cas:other.example']],
    [
      'those of dev.control, by key or local part',
      'control: {members: [dr.amsel]}\ndev: {people: [visitor], control: [dr.brandt, cas, visitor]}\n',
      ['@brandt:marlow.example', '@cas:other.example', '@visitor:hospital.example'],
    ],
  ])('are in the control room: %s', (_who, text, expected) => {
    expect(configOf(file('w.yaml', BASE + PEOPLE + text)).control_members).toEqual(expected);
  });
});

describe('a callback address', () => {
  const faults = (url: string, dev = '') =>
    faultsOf(
      file('w.yaml', `${BASE}${ONCALL}${PEOPLE}services: {kestrel: {accounts: [], callback_url: "${url}"}}\n${dev}`),
    );
  const ALLOW = 'dev: {allow_plain_http_callbacks: true}\n';

  it.each(['https://console.kestrel.example/hook', 'https://192.0.2.1:8443/'])('may be %s', (url) => {
    expect(faults(url)).toEqual([]);
  });
  it.each(['http://127.0.0.1:9/x', 'http://localhost/x', 'http://[::1]:9/'])(
    'may be %s in the embedded hospital only',
    (url) => {
      expect(faults(url)).toHaveLength(1);
      expect(faults(url, ALLOW)).toEqual([]);
    },
  );
  it.each([
    'http://kestrel.example/',
    'http://127.0.0.1.kestrel.example/',
    'http://10.0.0.1/',
    'https://u:p@kestrel.example/',
    'ftp://127.0.0.1/',
    'kestrel',
  ])('may never be %s', (url) => {
    expect(faults(url, ALLOW)).toHaveLength(1);
  });
});

describe('a WCTP sender', () => {
  const faults = (senders: string, more = '') =>
    faultsOf(
      file(
        'w.yaml',
        `${BASE}${ONCALL}${PEOPLE}services: {kestrel: {accounts: [], senders: ${senders}${more}}, wren: {accounts: [], senders: [{id: w}]}}\n`,
      ),
    );

  it('is one of one service', () => {
    expect(faults('[{id: k, code: x}, {id: l}]')).toEqual([]);
    expect(faults('[{id: w}]')).toEqual([
      expect.stringContaining('services.wren.senders.0.id: is a sender of kestrel already'),
    ]);
  });

  it('is answered over TLS', () => {
    expect(faults('[]', ', wctp_url: "https://console.kestrel.example/wctp"')).toEqual([]);
    expect(faults('[]', ', wctp_url: "http://console.kestrel.example/wctp"')).toHaveLength(1);
  });

  it('may have its key pinned, or several', () => {
    const url = ', wctp_url: "https://console.kestrel.example/wctp"';
    const pin = `"sha256/${'A'.repeat(43)}="`;
    expect(faults('[]', `${url}, wctp_pin: ${pin}`)).toEqual([]);
    expect(faults('[]', `${url}, wctp_pin: [${pin}, ${pin}]`)).toEqual([]);
    expect(faults('[]', `${url}, wctp_pin: sha256/x`)).toEqual([expect.stringContaining('services.kestrel.wctp_pin')]);
    expect(faults('[]', `, wctp_pin: ${pin}`)).toEqual([
      expect.stringContaining('services.kestrel.wctp_pin: needs a wctp_url with https://'),
    ]);
  });
});

describe('carriers and lines of texts', () => {
  const SID = `AC${'0'.repeat(32)}`;
  const twilio = (more = '') =>
    `{ kind: twilio, account_sid: ${SID}, auth_token_file: s/token, public_url: "https://texts.hospital.example"${more} }`;
  const line = (more = '') =>
    `{ number: "+12125550100", carrier: us, practice: Lark Clinic, call_back: "+12125550111"${more} }`;
  const write = (carriers: string, lines = '{}', more = '') =>
    file('w.yaml', `${BASE}${more}texting:\n  carriers: ${carriers}\n  lines: ${lines}\n`);
  const faults = (carriers: string, lines = '{}', more = '') =>
    faultsOf(write(carriers, lines, more)).map((fault) => fault.replace(/^w\.yaml:\d+ texting\./, ''));

  it('are none where nothing is written', () => {
    expect(configOf(file('w.yaml', BASE)).texting).toEqual({ carriers: {}, lines: {} });
  });

  it('have secrets in files beside the file that names them, and defaults', () => {
    const { carriers, lines } = configOf(write(`{ us: ${twilio()} }`, `{ lark: ${line()} }`)).texting;
    expect(carriers.us).toMatchObject({
      auth_token_file: join(dir, 's/token'),
      base_url: 'https://api.twilio.com',
    });
    expect(lines.lark).toMatchObject({ time_zone: 'UTC', accounts: [], team: [] });
  });

  it.each([
    ['a name that cannot stand in a user id', `{ Us: ${twilio()} }`, '{}', 'carriers.Us: is not an allowed key'],
    [
      'an API over a plain line',
      `{ us: ${twilio(', base_url: "http://api.carrier.example"')} }`,
      '{}',
      'carriers.us.base_url: must be https:// except on this machine',
    ],
    [
      'webhooks over a plain line',
      `{ us: ${twilio().replace('https:', 'http:')} }`,
      '{}',
      'carriers.us.public_url: must be https:// except on this machine',
    ],
    ['a telephone of the demo', '{ us: { kind: local } }', '{}', 'carriers.us.kind: is for the embedded hospital only'],
    ['a secret in the file', `{ us: ${twilio(', auth_token: x')} }`, '{}', 'carriers.us.auth_token: unknown key'],
    [
      'a key that is none',
      '{ us: { kind: telnyx, api_key_file: k, public_key: x, public_url: "https://a.example" } }',
      '{}',
      'carriers.us.public_key: must be an Ed25519 public key, 44 characters of base64',
    ],
    ['a line over no carrier', '{}', `{ lark: ${line()} }`, 'lines.lark.carrier: is none of texting.carriers'],
    [
      'a number that is none',
      `{ us: ${twilio()} }`,
      `{ lark: ${line().replace('+12125550100', '555-0100')} }`,
      'lines.lark.number: must be a number with + and country code, +12125550100',
    ],
    [
      'two lines of one number',
      `{ us: ${twilio()} }`,
      `{ lark: ${line()}, wren: ${line()} }`,
      'lines.wren.number: is the number of another line',
    ],
    [
      'a team of nobody',
      `{ us: ${twilio()} }`,
      `{ lark: ${line(', team: [dr.none]')} }`,
      'lines.lark.team.0: is nobody under people',
    ],
    [
      'a clock of no place',
      `{ us: ${twilio()} }`,
      `{ lark: ${line(', time_zone: Mars/Olympus')} }`,
      'lines.lark.time_zone: must be an IANA time zone, America/New_York',
    ],
  ])('cannot have %s', (_, carriers, lines, fault) => {
    expect(faults(carriers, lines)).toEqual([fault]);
  });

  it('may speak plainly on this machine, and have telephones on a page in the embedded hospital', () => {
    const here = `{ us: ${twilio(', base_url: "http://127.0.0.1:9"').replace('https://texts.hospital.example', 'http://localhost:9')} }`;
    expect(faults(here)).toEqual([]);
    expect(faults('{ us: { kind: local } }', '{}', 'dev: {}\n')).toEqual([]);
  });
});

describe('the policy', () => {
  const clinical = (config: Config) =>
    config.policy.ok && config.policy.value.policy.classes.clinical?.retention.max_age;
  const policyFaults = (config: Config): string[] =>
    config.policy.ok ? [] : config.policy.error.map((fault) => faultLine(fault).replaceAll(`${dir}/`, ''));

  it('is the built-in one where no file is named', () => {
    expect(clinical(configOf(file('w.yaml', BASE)))).toBe('30d');
  });

  it('is read from the file of policy_file, beside the file that names it', () => {
    file('etc/policy.yaml', 'classes: { clinical: { retention: { max_age: 14d } } }\n');
    expect(clinical(configOf(file('etc/w.yaml', `${BASE}policy_file: policy.yaml\n`)))).toBe('14d');
  });

  it('is overlaid by what a later file says of it', () => {
    file('policy.yaml', 'classes: { clinical: { retention: { max_age: 14d } } }\n');
    const over = file('over.yaml', 'classes: { clinical: { retention: { max_age: 21d } } }\n');
    expect(clinical(configOf(file('w.yaml', `${BASE}policy_file: policy.yaml\n`), over))).toBe('21d');
  });

  it('does not keep Wardroom from starting when it is wrong: every fault is listed with its line', () => {
    file('policy.yaml', 'moon: full\nclasses:\n  clinical:\n    guests: maybe\n    colour: blue\n');
    expect(policyFaults(configOf(file('w.yaml', `${BASE}policy_file: policy.yaml\n`)))).toEqual([
      'policy.yaml:1 moon: unknown key',
      'policy.yaml:4 classes.clinical.guests: must be true or false',
      'policy.yaml:5 classes.clinical.colour: unknown key',
    ]);
  });

  it('does not keep Wardroom from starting when it cannot be read', () => {
    expect(policyFaults(configOf(file('w.yaml', `${BASE}policy_file: none.yaml\n`)))).toEqual([
      'none.yaml:1 no such file',
    ]);
    file('torn.yaml', 'classes: [\n');
    expect(policyFaults(configOf(file('w.yaml', `${BASE}policy_file: torn.yaml\n`))).join()).toContain('not YAML');
  });
});
