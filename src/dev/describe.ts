import { serviceId } from '../kernel/ids.ts';
import { openSecrets } from '../server/secrets.ts';
import { type Hospital, localpartOf } from './hospital.ts';
import type { HospitalInfo } from './hospitalInfo.ts';
import type { Rooms } from './rooms.ts';
import type { StatusDocument } from './status.ts';
import { configFiles } from './wardroomConfig.ts';

/** The hospital as `dev up --json` prints it. */
export async function describeHospital(hospital: Hospital): Promise<HospitalInfo> {
  const { state, files, admin } = hospital;
  const rooms = await hospital.rooms();
  const { synapse, postgres, wardroom } = hospital;
  const port = state.ports.postgres;
  return {
    name: state.name,
    server_name: state.serverName,
    homeserver_url: hospital.homeserverUrl,
    api_url: hospital.apiUrl,
    metrics_url: `${hospital.metricsBase}/metrics`,
    registration_shared_secret: synapse.running?.sharedSecret ?? '',
    admin: {
      user_id: admin.userId,
      password: admin.password,
      access_token: admin.accessToken ?? '',
      recovery_key: admin.recoveryKey,
    },
    bot_user_id: hospital.botUserId,
    control_room_id: rooms.control_room_id,
    audit_room_id: rooms.audit_room_id,
    privacy_room_id: rooms.privacy_room_id,
    services: servicesOf(hospital, rooms),
    people: peopleOf(hospital),
    wctp_url: `${hospital.apiUrl}/wctp`,
    sms: Object.values(hospital.config.texting.lines).map(({ number, carrier }) => ({
      number,
      inbound_url: `${hospital.apiUrl}/sms/${carrier}/inbound`,
      phone_url: `${hospital.apiUrl}/sms/${carrier}/phone`,
    })),
    ...(hospital.config.roles_api.enabled && {
      roles_api_token: openSecrets(hospital.config.secrets_dir, { create: true }).rolesApiToken().reveal(),
    }),
    config_files: configFiles(files, hospital.all),
    processes: {
      wardroom: { pid: wardroom.pid, log: files.wardroom.log },
      synapse: {
        pid: synapse.pid,
        log: files.synapse.log,
        database_url: `postgres://synapse:${state.passwords.synapse}@127.0.0.1:${port}/synapse`,
        media_dir: hospital.mediaDir,
        python: hospital.python,
      },
      postgres: { pid: postgres.pid, log: files.postgres.log, url: postgres.running?.url('wardroom') ?? '' },
    },
  };
}

/** One line of `dev status`. */
export const statusOf = (hospital: Hospital): StatusDocument['hospitals'][number] => {
  const of = (pid: number | null) => ({ running: pid !== null, pid });
  return {
    name: hospital.state.name,
    server_name: hospital.state.serverName,
    parts: {
      postgres: of(hospital.postgres.pid),
      synapse: of(hospital.synapse.pid),
      wardroom: of(hospital.wardroom.pid),
    },
  };
};

function servicesOf(hospital: Hospital, rooms: Rooms): HospitalInfo['services'] {
  const secrets = openSecrets(hospital.config.secrets_dir, { create: true });
  return Object.entries(hospital.config.dispatch.services).map(([id, service]) => ({
    id,
    token: secrets.serviceToken(serviceId(id)).reveal(),
    callback_secret: secrets.serviceCallbackSecret(serviceId(id)).reveal(),
    accounts: service.accounts.map((account) => ({
      id: account,
      room_id: rooms.accounts[account]?.room_id ?? '',
      voice_user_id: rooms.accounts[account]?.voices[id] ?? '',
    })),
  }));
}

function peopleOf(hospital: Hospital): HospitalInfo['people'] {
  const { config, state } = hospital;
  const person = (key: string, localpart: string, roles: readonly string[]): HospitalInfo['people'][number] => {
    const { userId, password, recoveryKey } = hospital.person(localpart);
    return { key, user_id: userId, password, recovery_key: recoveryKey, roles };
  };
  const named = Object.entries(config.dispatch.people).filter(([, { mxid }]) => mxid.endsWith(`:${state.serverName}`));
  const listed = named.map(([key, { mxid, ...rest }]) => person(key, localpartOf(mxid), rolesOf(rest.roles)));
  const known = new Set(listed.map(({ user_id }) => localpartOf(user_id)));
  const extra = (config.dev?.people ?? []).filter((localpart) => !known.has(localpart));
  return [...listed, ...extra.map((localpart) => person(localpart, localpart, []))];
}

const rolesOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((role) => typeof role === 'string') : [];
