import { mkdir } from 'node:fs/promises';
import type { Config } from '../server/config/index.ts';
import { readRegistration, writeRegistration } from '../server/registration.ts';
import { RequestRefused, request } from './admin.ts';
import { ensureCertificates } from './certificates.ts';
import type { HospitalLayout, Layout } from './layout.ts';
import { KeptPart, type RunningPart, type Spawned } from './part.ts';
import { type EmbeddedPerson, ensurePeople } from './people.ts';
import { type RunningPostgres, startPostgres } from './postgres.ts';
import { installSynapse } from './pythonInstall.ts';
import { createRolesAndDatabase } from './roles.ts';
import { ensureRooms, type Rooms } from './rooms.ts';
import type { DevState, HospitalState } from './state.ts';
import type { Part } from './status.ts';
import { ensureDatabase, type RunningSynapse, startSynapse } from './synapse.ts';
import { type Federation, mediaDirectory } from './synapseConfig.ts';
import { startWardroom } from './wardroom.ts';
import { configFiles } from './wardroomConfig.ts';

/** Local part of the homeserver's administrator. */
const ADMIN = 'hospital-admin';

/** The parts of one embedded hospital, and the order in which they come and go. */
export class Hospital {
  readonly layout: Layout;
  readonly files: HospitalLayout;
  readonly all: DevState;
  readonly state: HospitalState;
  readonly config: Config;
  readonly postgres: KeptPart<RunningPostgres>;
  readonly synapse: KeptPart<RunningSynapse>;
  readonly wardroom: KeptPart<RunningPart>;
  readonly botUserId: string;
  #people: ReadonlyMap<string, EmbeddedPerson> = new Map();
  #python: string | null = null;
  #rooms: Rooms | null = null;
  readonly #progress: (line: string) => void;

  /** `state`: one of the hospitals of `all`. */
  constructor(layout: Layout, all: DevState, state: HospitalState, config: Config, progress: (line: string) => void) {
    this.layout = layout;
    this.all = all;
    this.state = state;
    this.config = config;
    this.files = layout.hospital(state.name);
    this.botUserId = `@wardroom:${state.serverName}`;
    this.#progress = progress;
    this.postgres = new KeptPart(() => startPostgres({ ...this.files.postgres, port: state.ports.postgres }));
    this.synapse = new KeptPart((spawned) => this.#startSynapse(spawned));
    this.wardroom = new KeptPart((spawned) => this.#startWardroom(spawned));
  }

  get homeserverUrl(): string {
    return `http://127.0.0.1:${this.state.ports.synapse}`;
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.state.ports.api}`;
  }

  get metricsBase(): string {
    return `http://127.0.0.1:${this.state.ports.metrics}`;
  }

  get mediaDir(): string {
    return mediaDirectory(this.files.synapse.dir);
  }

  get python(): string {
    if (this.#python === null) throw new Error('the homeserver is not installed yet');
    return this.#python;
  }

  get admin(): EmbeddedPerson {
    return this.person(ADMIN);
  }

  /** An account of the embedded homeserver, by local part. */
  person(localpart: string): EmbeddedPerson {
    const person = this.#people.get(localpart);
    if (person === undefined) throw new Error(`nobody was set up as ${localpart}`);
    return person;
  }

  part(name: Part): KeptPart<RunningPart> {
    return this[name];
  }

  /** Starts the homeserver and what it needs, and sees to its people; all of this before any Wardroom, which may invite somebody from elsewhere. */
  async upHomeserver(): Promise<void> {
    await Promise.all([this.#install(), this.#startDatabase()]);
    this.#progress('starting the homeserver');
    const synapse = await this.synapse.start();
    this.#people = await ensurePeople({
      url: synapse.url,
      sharedSecret: synapse.sharedSecret,
      file: this.files.people,
      localparts: this.#localparts(),
      admin: ADMIN,
      progress: this.#progress,
    });
    await this.#flagBot();
  }

  /** Starts Wardroom; returns when it is ready and has its rooms. */
  async upWardroom(): Promise<void> {
    this.#progress('starting Wardroom');
    await this.wardroom.start();
    this.#progress('waiting for the rooms');
    await this.rooms();
  }

  /** The rooms Wardroom made for this configuration. */
  async rooms(): Promise<Rooms> {
    this.#rooms ??= await ensureRooms(this.metricsBase);
    return this.#rooms;
  }

  /** Ends everything in an orderly way, the ones that need others first. */
  async down(): Promise<void> {
    await this.wardroom.stop();
    await this.synapse.stop();
    await this.postgres.stop();
  }

  async #install(): Promise<void> {
    this.#python = await installSynapse(this.#progress);
  }

  async #startDatabase(): Promise<void> {
    this.#progress('starting PostgreSQL');
    await mkdir(this.files.synapse.dir, { recursive: true, mode: 0o700 });
    const postgres = await this.postgres.start();
    const { passwords } = this.state;
    const admin = postgres.url('postgres');
    await ensureDatabase(admin, 'synapse', { user: 'synapse', password: passwords.synapse });
    await createRolesAndDatabase(admin, 'wardroom', passwords);
  }

  async #startSynapse(spawned: Spawned): Promise<RunningSynapse> {
    const { appservice } = this.config;
    const federation = await this.#federation();
    writeRegistration(appservice.registration_file, appservice.url, this.state.serverName);
    const options = {
      python: this.python,
      dir: this.files.synapse.dir,
      log: this.files.synapse.log,
      serverName: this.state.serverName,
      port: this.state.ports.synapse,
      database: {
        host: '127.0.0.1',
        port: this.state.ports.postgres,
        name: 'synapse',
        user: 'synapse',
        password: this.state.passwords.synapse,
      },
      registrationFiles: [appservice.registration_file],
      ...(federation === null ? {} : { federation }),
    };
    return startSynapse(options, spawned);
  }

  async #federation(): Promise<Federation | null> {
    const servers = this.all.hospitals.map(({ serverName }) => serverName);
    if (servers.length === 1) return null;
    const { dir, log } = this.files.synapse;
    const certificates = await ensureCertificates(this.python, this.layout.authority, dir, log);
    return { port: Number(this.state.serverName.split(':')[1]), certificates, servers };
  }

  #startWardroom(spawned: Spawned): Promise<RunningPart> {
    const options = {
      configFiles: configFiles(this.files, this.all),
      cwd: this.files.wardroom.dir,
      log: this.files.wardroom.log,
      apiUrl: this.apiUrl,
      aliveSuffices: this.postgres.running === null || this.synapse.running === null,
    };
    return startWardroom(options, spawned);
  }

  /** Everybody of the data whose id is on this homeserver, and the extra people of `dev.people`. */
  #localparts(): string[] {
    const ids = Object.values(this.config.dispatch.people).map(({ mxid }) => mxid);
    const ours = [...ids, ...this.config.control_members].filter((id) => id.endsWith(`:${this.state.serverName}`));
    return [...new Set([...ours.map(localpartOf), ...(this.config.dev?.people ?? [])])];
  }

  /** Makes the bot's account, as Wardroom would, and flags it as server admin (design.md, decision 17). */
  async #flagBot(): Promise<void> {
    const token = readRegistration(this.config.appservice.registration_file).as.reveal();
    try {
      await request('POST', `${this.homeserverUrl}/_matrix/client/v3/register`, {
        token,
        body: { type: 'm.login.application_service', username: localpartOf(this.botUserId), inhibit_login: true },
      });
    } catch (error) {
      if (!(error instanceof RequestRefused) || error.code !== 'M_USER_IN_USE') throw error;
    }
    const { accessToken } = this.admin;
    await request('PUT', `${this.homeserverUrl}/_synapse/admin/v2/users/${encodeURIComponent(this.botUserId)}`, {
      ...(accessToken === undefined ? {} : { token: accessToken }),
      body: { admin: true },
    });
  }
}

/** `fenn` of `@fenn:larkmoor.example`. */
export const localpartOf = (userId: string): string => userId.slice(1, userId.indexOf(':'));
