import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { parse, stringify } from 'yaml';
import { checkout } from '../../src/dev/checkout.ts';
import { freePorts } from '../../src/dev/ports.ts';
import { type RunningPostgres, startPostgres } from '../../src/dev/postgres.ts';
import { pollUntil } from '../../src/dev/wait.ts';
import { inspectDatabase } from '../../src/postgres/inspect.ts';
import { inspectOwner } from '../../src/postgres/inspectOwner.ts';
import { loadConfig } from '../../src/server/config/index.ts';

const docker = join(checkout, 'docker');
const read = (path: string) => readFileSync(join(docker, path), 'utf8');
const manifest = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as {
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
};

interface Service {
  readonly image: string;
  readonly restart?: string;
  readonly command?: readonly string[];
  readonly volumes: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
  readonly [key: string]: unknown;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, null>>;
}
const compose = parse(read('compose.yaml'), { merge: true }) as Compose;
const { wardroom, migrate, postgres } = compose.services as Record<'wardroom' | 'migrate' | 'postgres', Service>;

/** The Dockerfile's instructions; those of its last stage. */
const instructions = read('Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => {
    const [, name, rest] = /^(\S+)\s+(.*)$/.exec(line.trim()) ?? [];
    return { name: name ?? '', rest: rest ?? '' };
  });
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'));
const only = (name: string) => lastStage.find((one) => one.name === name)?.rest ?? '';
/** What the last stage takes from the checkout. */
const copied = lastStage
  .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from'))
  .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
/** Where a container finds the checkout. */
const home = only('WORKDIR');

const settings = () => {
  const config = loadConfig([join(docker, 'wardroom.yaml'), join(checkout, 'config/dispatch.yaml')]);
  if (!config.ok) throw new Error(JSON.stringify(config.error));
  return config.value;
};
/** What a service sees under a path: the source that is mounted nearest to it. */
const mountOf = (service: Service, path: string) =>
  service.volumes
    .map((text) => text.split(':') as [string, string, string?])
    .filter(([, target]) => path === target || path.startsWith(`${target}/`))
    .sort(([, a], [, b]) => b.length - a.length)[0]?.[0];

describe('the image', () => {
  it('is made from pinned versions, with the Node that everything was tried with', () => {
    const bases = instructions.filter(({ name }) => name === 'FROM').map(({ rest }) => rest.split(' ')[0] ?? '');
    for (const base of bases) expect(base).toBe(`node:${manifest.dependencies.node}-bookworm-slim`);
    expect(instructions.filter(({ name, rest }) => name === 'RUN' && rest.startsWith('npm'))).toEqual([
      { name: 'RUN', rest: 'npm ci --omit=dev --no-audit --no-fund' },
    ]);
    expect(wardroom.image).toBe(`wardroom:${manifest.version}`);
    expect(postgres.image).toMatch(/^postgres:\d+\.\d+-bookworm$/);
  });

  it('runs as nobody who owns anything but its data', () => {
    const [uid] = only('USER').split(':');
    expect(Number(uid)).toBeGreaterThan(999);
    expect(read('prepare.sh')).toContain(`:-${uid}}`);
    expect(lastStage.findLastIndex(({ name }) => name === 'COPY')).toBeLessThan(
      lastStage.findIndex(({ name }) => name === 'USER'),
    );
    expect(lastStage.some(({ rest }) => rest.includes('--chown'))).toBe(false);
  });

  it('copies only what is there and is not ignored', () => {
    const allowed = readFileSync(join(checkout, '.dockerignore'), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(allowed[0]).toBe('*');
    expect(copied.length).toBeGreaterThan(3);
    for (const path of copied) {
      expect(existsSync(join(checkout, path))).toBe(true);
      expect(allowed).toContain(`!${path.replace(/^\.\//, '')}`);
    }
  });

  it('shows, checks and publishes the ports that Wardroom listens on', () => {
    const { http, appservice, metrics } = settings();
    expect(only('EXPOSE').split(' ').map(Number)).toEqual([http.port, appservice.port, metrics.port]);
    expect(only('HEALTHCHECK')).toContain(`http://127.0.0.1:${http.port}/health`);
    expect(wardroom.ports).toEqual([http.port, metrics.port].map((port) => `127.0.0.1:${port}:${port}`));
    for (const { host } of [http, appservice, metrics]) expect(host).toBe('0.0.0.0');
    expect(appservice.url).toBe(`http://wardroom:${appservice.port}`);
  });
});

describe('the compose file', () => {
  it('confines Wardroom, keeps it running and its log small', () => {
    for (const service of [wardroom, migrate])
      expect(service).toMatchObject({
        read_only: true,
        init: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    expect([wardroom.restart, migrate.restart, postgres.restart]).toEqual(['unless-stopped', 'no', 'unless-stopped']);
    for (const service of Object.values(compose.services))
      expect(service.logging).toMatchObject({ options: { 'max-size': '50m', 'max-file': '10' } });
    expect(compose.networks.inside?.internal).toBe(true);
    expect(postgres.networks).toEqual(['inside']);
    expect(postgres.ports).toBeUndefined();
  });

  it('starts Wardroom after its database is there and migrated', () => {
    expect(wardroom.depends_on).toEqual({
      postgres: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
    });
    expect(migrate.depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    // While the image runs roles.sql, its server answers on the socket only: by TCP it is ready when all is done.
    expect(postgres.healthcheck).toMatchObject({ test: expect.arrayContaining(['pg_isready', '--host=127.0.0.1']) });
  });

  it('names volumes and networks that it has, and files that are there or that the instructions make', () => {
    const made = ['./config', './secrets/wardroom', './secrets/owner', './secrets/postgres'];
    for (const one of made) expect(`${read('prepare.sh')}${read('README.md')}`).toContain(one.split('/').at(-1));
    for (const service of Object.values(compose.services)) {
      for (const network of service.networks) expect(Object.keys(compose.networks)).toContain(network);
      for (const [source = ''] of service.volumes.map((text) => text.split(':'))) {
        const isThere = source.startsWith('./')
          ? made.includes(source) || existsSync(join(docker, source))
          : Object.hasOwn(compose.volumes, source);
        expect({ source, isThere }).toEqual({ source, isThere: true });
      }
    }
  });

  it('gives the owner’s password to migrate alone, and every path of the configuration a place', () => {
    const config = settings();
    expect(mountOf(wardroom, config.data_dir)).toBe('data');
    expect(mountOf(wardroom, join(config.secrets_dir, 'x'))).toBe('./secrets/wardroom');
    expect(mountOf(wardroom, config.database.url_file ?? '')).toBe('./secrets/wardroom');
    const owner = (parse(read('owner.yaml')) as { database: { owner_url_file: string } }).database.owner_url_file;
    expect(mountOf(migrate, owner)).toBe('./secrets/owner');
    expect(wardroom.volumes.join()).not.toContain('owner');
    expect(JSON.stringify(Object.values(compose.services).map(({ environment }) => environment))).not.toMatch(
      /PASSWORD"|SECRET"|TOKEN"/,
    );
    for (const service of [wardroom, migrate])
      expect(mountOf(service, `${home}/config/wardroom.yaml`)).toBe('./config');
    for (const path of migrate.command?.filter((word) => word.startsWith('docker/')) ?? [])
      expect(copied).toContain(path);
  });
});

/** From here on it is done, without the containers: the passwords, the roles, the files of the image, the commands. */
describe('what the containers do', () => {
  let root: string;
  let image: string;
  let server: RunningPostgres;
  let running: ChildProcess | null = null;
  let urls: { service: string; owner: string };

  beforeAll(async () => {
    const cache = join(checkout, '.cache');
    mkdirSync(cache, { recursive: true });
    // On the same file system as the modules, which are linked, not copied.
    root = mkdtempSync(join(cache, 'image-'));
    image = join(root, 'image');
    server = await startPostgres({ dir: join(root, 'postgres'), log: join(root, 'postgres.log') });
  });
  afterAll(async () => {
    running?.kill('SIGKILL');
    await server?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  const wardroomOf = (...args: string[]) =>
    spawnSync(join(image, 'node_modules/.bin/wardroom'), args, { cwd: image, encoding: 'utf8' });

  it('prepare.sh makes passwords once, in files for their readers only', () => {
    cpSync(docker, join(root, 'docker'), { recursive: true });
    const ids = { WARDROOM_UID: String(process.getuid?.()), POSTGRES_UID: String(process.getuid?.()) };
    const prepare = () =>
      execFileSync('sh', [join(root, 'docker/prepare.sh')], { env: { ...process.env, ...ids }, encoding: 'utf8' });
    expect(prepare()).toBe('');
    const secrets = join(root, 'docker/secrets');
    const files = readdirSync(secrets, { recursive: true, encoding: 'utf8' }).map((name) => join(secrets, name));
    const content = () =>
      files.filter((path) => statSync(path).isFile()).map((path) => [path, readFileSync(path, 'utf8')]);
    expect(content()).toHaveLength(5);
    for (const path of files) expect(statSync(path).mode & 0o077).toBe(0);
    const before = content();
    prepare();
    expect(content()).toEqual(before);
    const url = (path: string) =>
      readFileSync(join(secrets, path), 'utf8').trim().replace('@postgres/', `@127.0.0.1:${server.port}/`);
    urls = { service: url('wardroom/database.url'), owner: url('owner/database-owner.url') };
  });

  it('roles.sql makes the roles that doctor asks for', async () => {
    const secret = (name: string) =>
      `'${readFileSync(join(root, 'docker/secrets/postgres', `${name}.password`), 'utf8').trim()}'`;
    // As psql reads it: its own commands begin with a backslash.
    const sql = read('postgres/roles.sql').replaceAll(/^(\\|--).*\n/gm, '');
    expect(read('postgres/roles.sql')).toContain('\\set owner_password `cat /run/wardroom/owner.password`\n');
    expect(mountOf(postgres, '/run/wardroom/owner.password')).toBe('./secrets/postgres');
    const client = new pg.Client({ connectionString: server.url('postgres') });
    await client.connect();
    for (const statement of sql.split(';').filter((text) => text.trim() !== ''))
      await client.query(
        statement.replace(":'owner_password'", secret('owner')).replace(":'service_password'", secret('service')),
      );
    await client.end();
    const [owner, service] = [await inspectOwner(urls.owner), await inspectDatabase(urls.service)];
    expect(owner).toMatchObject({ ok: true, facts: { mayMigrate: true, mayHandOver: true } });
    expect(service).toMatchObject({ ok: true, facts: { role: 'wardroom_service', isSuperuser: false } });
  });

  it('the files of the image run without anything for development', () => {
    mkdirSync(image);
    for (const path of copied) {
      mkdirSync(dirname(join(image, path)), { recursive: true });
      cpSync(join(checkout, path), join(image, path), { recursive: true });
    }
    execFileSync('cp', ['-al', realpathSync(join(checkout, 'node_modules')), join(image, 'node_modules')]);
    const lock = JSON.parse(readFileSync(join(checkout, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean }>;
    };
    for (const [path, { dev }] of Object.entries(lock.packages))
      if (dev) rmSync(join(image, path), { recursive: true, force: true });
    expect(existsSync(join(image, 'node_modules/matrix-js-sdk'))).toBe(false);
    expect(only('ENTRYPOINT')).toBe('["wardroom"]');
    expect(wardroomOf('--help')).toMatchObject({ status: 0, stderr: '' });
  });

  it('the configuration for containers is one, with the example of who there is', async () => {
    const config = join(image, 'config');
    cpSync(join(docker, 'wardroom.yaml'), join(config, 'wardroom.yaml'));
    cpSync(join(checkout, 'config/dispatch.yaml'), join(config, 'dispatch.yaml'));
    expect(wardroomOf('config', 'check')).toMatchObject({ status: 0 });
    // This machine instead of the containers: other ports and places.
    const [http, appservice, metrics] = await freePorts(3);
    const document = parse(readFileSync(join(config, 'wardroom.yaml'), 'utf8')) as Record<string, object>;
    const secrets = join(root, 'docker/secrets/wardroom');
    writeFileSync(join(secrets, 'database.url'), urls.service);
    writeFileSync(join(root, 'docker/secrets/owner/database-owner.url'), urls.owner);
    writeFileSync(
      join(config, 'wardroom.yaml'),
      stringify({
        ...document,
        homeserver: { ...document.homeserver, url: 'http://127.0.0.1:9' },
        http: { ...document.http, host: '127.0.0.1', port: http },
        appservice: { ...document.appservice, host: '127.0.0.1', port: appservice },
        metrics: { host: '127.0.0.1', port: metrics },
        database: { url_file: join(secrets, 'database.url') },
        data_dir: join(root, 'data'),
        secrets_dir: secrets,
      }),
    );
    writeFileSync(
      join(image, 'docker/owner.yaml'),
      stringify({ database: { owner_url_file: join(root, 'docker/secrets/owner/database-owner.url') } }),
    );
    expect(wardroomOf('config', 'check')).toMatchObject({ status: 0 });
  });

  it('migrate, registration, backup and serve do their work, and serve ends when it is told to', async () => {
    expect(wardroomOf('registration')).toMatchObject({ status: 0 });
    const early = wardroomOf('serve');
    expect([early.status, early.stderr]).toEqual([1, expect.stringMatching(/wardroom migrate/)]);
    expect(wardroomOf(...(migrate.command ?? []))).toMatchObject({ status: 0 });
    const { http } = parse(readFileSync(join(image, 'config/wardroom.yaml'), 'utf8')) as { http: { port: number } };
    const command = JSON.parse(only('CMD')) as string[];
    const child = spawn(join(image, 'node_modules/.bin/wardroom'), command, { cwd: image, stdio: 'ignore' });
    running = child;
    const exited = once(child, 'exit');
    // The check that Docker makes, word for word but for the port.
    const check = JSON.parse(only('HEALTHCHECK').replace(/^.*?CMD /, '')) as string[];
    const [, ...args] = check.map((word) => word.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${http.port}`));
    expect(spawnSync(process.execPath, args).status).toBe(1);
    await pollUntil('health', async () => spawnSync(process.execPath, args).status === 0, { deadlineMs: 60_000 });
    // As docker/README.md has it: the public half is enough.
    const made = wardroomOf('backup', '--make-key', join(root, 'backup.key'));
    const half = join(root, 'docker/secrets/wardroom/backup.pub');
    writeFileSync(half, made.stdout, { mode: 0o600 });
    expect(wardroomOf('backup', '--key-file', half, join(root, 'day.age'))).toMatchObject({ status: 0 });
    expect(read('README.md')).toContain(`wardroom backup --key-file ${settings().secrets_dir}/backup.pub `);
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
    running = null;
  });
});
