import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { type RegistrationTokens, readRegistration, registrationDocument, SENDER_LOCALPART } from '../registration.ts';
import { type Check, type Finding, fault, type Patient, well } from './finding.ts';

/** The registration file is what this configuration asks for, the homeserver has loaded just that, and it reaches us. */
export const registrationState: Check = async (patient) => {
  const { config, asService } = patient;
  if (asService === null) return [];
  const path = config.appservice.registration_file;
  const tokens = readRegistration(path);
  const wanted = registrationDocument(tokens, config.appservice.url, config.homeserver.server_name);
  const there = parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  const other = Object.keys(wanted).filter((key) => !isDeepStrictEqual(there[key], wanted[key]));
  const findings: Finding[] = [
    other.length === 0
      ? well('registration-file', `${path} is what this configuration asks for`)
      : fault(
          'registration-file',
          `${path} differs from what this configuration asks for in ${other.join(', ')}`,
          `run: wardroom registration --out ${path}; copy the file to where the homeserver reads it and restart that`,
        ),
  ];
  const loaded = await isLoaded(patient);
  findings.push(...loaded);
  if (loaded.every(({ severity }) => severity === 'ok')) findings.push(await reachesUs(patient, tokens));
  return findings;
};

const reload = (path: string): string =>
  `name ${path} under app_service_config_files of homeserver.yaml, and restart the homeserver`;

/** By what the homeserver says of our token. */
async function isLoaded({ config, asService, asUser, place, botUser, voices }: Patient): Promise<Finding[]> {
  const path = config.appservice.registration_file;
  const answer = await asService!('GET', '/_matrix/client/v3/account/whoami').catch(() => null);
  if (answer === null) return [];
  if (answer.status !== 200)
    return [
      fault(
        'registration-loaded',
        `the homeserver does not know the as_token of ${path} (status ${answer.status})`,
        reload(path),
      ),
    ];
  const sender = String((answer.body as { user_id?: unknown } | null)?.user_id);
  const server = sender.slice(sender.indexOf(':') + 1);
  if (server !== config.homeserver.server_name)
    return [
      fault(
        'server-name',
        `the homeserver is ${server}, not ${config.homeserver.server_name}`,
        `correct: ${place('homeserver.server_name')}; then run wardroom registration again`,
      ),
    ];
  if (sender !== `@${SENDER_LOCALPART}:${server}`)
    return [fault('registration-loaded', `the homeserver has another sender_localpart than ${path}`, reload(path))];
  for (const user of [botUser, ...voices]) {
    const { status, body } = await asUser!(user)('GET', '/_matrix/client/v3/account/whoami');
    const problem = String((body as { error?: unknown } | null)?.error ?? '');
    // A user that has not been made yet is refused, too, with other words.
    if (status !== 200 && /masquerade/.test(problem))
      return [
        fault('registration-loaded', `the homeserver's copy of the registration does not cover ${user}`, reload(path)),
      ];
  }
  return [well('registration-loaded', 'the homeserver has loaded the registration')];
}

/** The homeserver pings what it believes to be our address (Application Service API, "Pinging"); answered here if nobody else does. */
async function reachesUs({ config, asService }: Patient, tokens: RegistrationTokens): Promise<Finding> {
  const stand = await standIn(config.appservice.host, config.appservice.port, tokens);
  try {
    const { status, body } = await asService!('POST', '/_matrix/client/v1/appservice/wardroom/ping', {
      body: { transaction_id: 'doctor' },
      timeoutMs: 15_000,
    });
    if (status === 200) return well('reachable', 'the homeserver reaches Wardroom');
    const problem = body as { errcode?: unknown; status?: unknown } | null;
    const code = String(problem?.errcode ?? status);
    const refused = code === 'M_BAD_STATUS';
    return fault(
      'reachable',
      refused
        ? `the homeserver reaches something at its url for Wardroom that answers ${String(problem?.status)}`
        : `the homeserver does not reach Wardroom (${code})`,
      refused
        ? `let the url and the hs_token of the homeserver's copy be those of ${config.appservice.registration_file}: give it the file again and restart it`
        : `the url in its copy of the registration must lead from the homeserver to ${config.appservice.host}:${config.appservice.port} (appservice.url, firewall)`,
    );
  } catch {
    return fault('reachable', 'the homeserver did not answer a ping', 'look into the homeserver\u2019s log');
  } finally {
    stand?.close();
  }
}

/**
 * Answers pings while Wardroom does not run; null when the port is taken, by Wardroom itself as it should be. Nothing else is
 * accepted: after a ping the homeserver sends at once what has waited, and forgets every transaction that is answered with 200.
 */
function standIn(host: string, port: number, tokens: RegistrationTokens): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer((request, response) => {
      const isKnown = request.headers.authorization === `Bearer ${tokens.hs.reveal()}`;
      const isPing = request.url?.split('?')[0] === '/_matrix/app/v1/ping';
      response.writeHead(isPing ? (isKnown ? 200 : 403) : 503, { 'content-type': 'application/json' }).end('{}');
    });
    server.once('error', () => resolve(null));
    server.listen(port, host, () => resolve(server));
  });
}
