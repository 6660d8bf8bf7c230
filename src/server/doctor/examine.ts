import type { Diagnosis } from '../../flows/operationsPort.ts';
import { userId } from '../../kernel/ids.ts';
import { HomeserverClient } from '../../matrix/index.ts';
import { connectOnce } from '../../postgres/connectOnce.ts';
import { type DatabaseFacts, inspectDatabase } from '../../postgres/inspect.ts';
import { readVoice } from '../../postgres/inspectUse.ts';
import { readInstallation } from '../../postgres/installation.ts';
import { adminTokenOf } from '../adminToken.ts';
import type { Config } from '../config/index.ts';
import { ownerUrl, serviceUrl } from '../database.ts';
import { installationOf, strangersIn } from '../installation.ts';
import { readRegistration } from '../registration.ts';
import { SecretFileError } from '../secretFile.ts';
import { openSecrets } from '../secrets.ts';
import { voiceUsers } from '../voiceUsers.ts';
import { callbacks } from './callbacks.ts';
import { clinicians } from './clinicians.ts';
import { databaseState } from './databaseState.ts';
import { disk } from './disk.ts';
import { type Check, type Finding, fault, type Patient, well } from './finding.ts';
import { homeserver } from './homeserver.ts';
import { homeserverCopy } from './homeserverCopy.ts';
import { homeserverRetention } from './homeserverRetention.ts';
import { installation } from './installation.ts';
import { owner } from './owner.ts';
import { people } from './people.ts';
import { policy } from './policy.ts';
import { registrationState } from './registrationState.ts';
import { reportRooms } from './reportRooms.ts';
import { rights } from './rights.ts';
import { secretFiles } from './secretFiles.ts';
import { signIn } from './signIn.ts';
import { texting } from './texting.ts';
import { versions } from './versions.ts';
import { voiceDevices } from './voiceDevices.ts';

/** Everything that is looked at, in the order it is told. A new check is one file and one line. */
const checks: readonly Check[] = [
  versions,
  policy,
  disk,
  secretFiles,
  databaseState,
  owner,
  installation,
  homeserver,
  registrationState,
  homeserverCopy,
  homeserverRetention,
  voiceDevices,
  rights,
  signIn,
  people,
  clinicians,
  reportRooms,
  callbacks,
  texting,
];

/** Looks at everything Wardroom needs, changes nothing, and goes on after each fault. Works beside a running Wardroom and without one. */
export async function examine(config: Config, place: (path: string) => string): Promise<Diagnosis> {
  const findings: Finding[] = [];
  const client = openClient(config, place, findings);
  const database = await openFacts(config, place, findings);
  const patient: Patient = {
    config,
    place,
    asUser: client && ((who) => client.requestAs(who)),
    asService: client?.requestAsService ?? null,
    botUser: userId(`@wardroom:${config.homeserver.server_name}`),
    voices: voiceUsers(config),
    database: database?.facts ?? null,
    strangers: async () => (database === null ? null : strangersOf(database, config)),
    storeOf: async (voice) => (database === null ? null : readVoice(database.url, voice)),
  };
  for (const check of checks) {
    try {
      findings.push(...(await check(patient)));
    } catch (error) {
      const kind = error instanceof Error ? error.name : 'unknown';
      findings.push(fault(check.name, `the check itself failed (${kind})`, 'mend the other findings first'));
    }
  }
  client?.close();
  return { ok: findings.every(({ severity }) => severity !== 'error'), findings };
}

/** What in the database is not of this installation; null when that cannot be told, of which others say why. */
async function strangersOf({ url, facts }: { url: string; facts: DatabaseFacts }, config: Config) {
  if (facts.use === null) return null;
  const secrets = openSecrets(config.secrets_dir, { create: false });
  let mine: ReturnType<typeof installationOf>;
  try {
    mine = installationOf(config, secrets);
    secrets.cryptoPassphrase();
  } catch (error) {
    if (error instanceof SecretFileError) return null;
    throw error;
  }
  const found = await connectOnce(url, async (client) =>
    strangersIn(client, mine, await readInstallation(client), secrets.cryptoPassphrase()),
  );
  return found.ok ? found.facts : null;
}

function openClient(config: Config, place: (path: string) => string, findings: Finding[]): HomeserverClient | null {
  try {
    const { as: asToken } = readRegistration(config.appservice.registration_file);
    return new HomeserverClient({
      url: config.homeserver.url,
      asToken,
      adminToken: usable(() => adminTokenOf(config)),
    });
  } catch (error) {
    if (!(error instanceof SecretFileError)) throw error;
    const path = config.appservice.registration_file;
    const remedy =
      error.code === 'readable-by-others'
        ? `run: chmod 600 ${path}`
        : `run: wardroom registration, or name the file the homeserver loads: ${place('appservice.registration_file')}`;
    findings.push(fault('registration-file', error.message, remedy));
    return null;
  }
}

/** Of one that is not, a check says why. */
function usable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof SecretFileError) return undefined;
    throw error;
  }
}

async function openFacts(config: Config, place: (path: string) => string, findings: Finding[]) {
  const where = place(config.database.url_file === undefined ? 'database.url' : 'database.url_file');
  let url: string | null;
  try {
    url = serviceUrl(config)?.reveal() ?? null;
    ownerUrl(config);
  } catch (error) {
    if (!(error instanceof SecretFileError)) throw error;
    findings.push(fault('database', error.message, `give the file the connection URL, mode 0600: ${where}`));
    return null;
  }
  if (url === null) {
    findings.push(well('database', 'Wardroom runs its own PostgreSQL; it is looked at by serve'));
    return null;
  }
  const inspected = await inspectDatabase(url);
  if (!inspected.ok) {
    findings.push(
      fault('database', `the database cannot be used (${inspected.code})`, `start it, or correct its URL: ${where}`),
    );
    return null;
  }
  findings.push(well('database', 'the database answers'));
  return { url, facts: inspected.facts };
}
