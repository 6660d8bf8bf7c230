import { askTelnyx } from '../../sms/telnyx/index.ts';
import { askTwilio } from '../../sms/twilio/index.ts';
import { BusinessClock } from '../businessClock.ts';
import type { CarrierSettings } from '../config/index.ts';
import { readSecretFile, SecretFileError } from '../secretFile.ts';
import { barOf } from '../texting/lines.ts';
import { look } from './callbacks.ts';
import { type Check, type Finding, fault, warning, well } from './finding.ts';

/** Agreements are not renewed in a day. */
const ENDS_SOON_MS = 30 * 86_400_000;
const DAY_MS = 86_400_000;

/** What keeps texts from leaving: agreements, registrations, credentials. Nothing is sent. */
export const texting: Check = async ({ config, place }) => {
  const { carriers, lines } = config.texting;
  const now = new BusinessClock(config.dev?.clock_file).now();
  const findings: Finding[] = [];
  for (const [name, carrier] of Object.entries(carriers)) {
    const at = `texting.carriers.${name}`;
    findings.push(
      ...agreementOf(name, carrier, now, place(`${at}.agreement`)),
      ...(await readiness(name, carrier, place(at))),
    );
  }
  for (const [name, line] of Object.entries(lines)) {
    if (barOf(line, carriers[line.carrier], now) !== 'campaign-not-active') continue;
    const what = line.campaign === undefined ? 'names no campaign' : `has a campaign that is ${line.campaign.status}`;
    findings.push(
      fault(
        'texting-campaign',
        `the line ${name} ${what}: nothing is sent by it, for carriers of the United States block what is not registered (10DLC)`,
        `register it with the carrier, then name the campaign and its status: ${place(`texting.lines.${name}.campaign`)}`,
      ),
    );
  }
  if (findings.length > 0 || Object.keys(carriers).length === 0) return findings;
  return [well('texting', 'every carrier has its agreement and lets us in, every line may send')];
};

function agreementOf(name: string, { kind, agreement }: CarrierSettings, now: number, where: string): Finding[] {
  if (kind === 'local') return [];
  const code = 'texting-agreement';
  if (agreement === undefined)
    return [
      fault(
        code,
        `the carrier ${name} has no business associate agreement on file: nothing is sent by it (45 CFR 164.308(b)(1))`,
        `write down contract, from and until: ${where}`,
      ),
    ];
  const end = Date.parse(agreement.until) + DAY_MS;
  const renew = `renew it with the carrier, then write down its days: ${where}`;
  if (now < Date.parse(agreement.from))
    return [
      warning(code, `the agreement with the carrier ${name} begins on ${agreement.from}: nothing is sent before`, ''),
    ];
  if (now >= end)
    return [
      fault(code, `the agreement with the carrier ${name} ended on ${agreement.until}: nothing is sent by it`, renew),
    ];
  if (end - now <= ENDS_SOON_MS)
    return [
      warning(
        code,
        `the agreement with the carrier ${name} ends on ${agreement.until}: then nothing is sent by it`,
        renew,
      ),
    ];
  return [];
}

async function readiness(name: string, carrier: CarrierSettings, where: string): Promise<Finding[]> {
  const code = 'texting-carrier';
  const unreachable = (why: string) => [
    warning(
      code,
      `the carrier ${name} cannot be reached (${why}): texts wait`,
      `look at ${where}, and at what stands between`,
    ),
  ];
  try {
    switch (carrier.kind) {
      case 'local':
        return [];
      case 'smpp': {
        readSecretFile(carrier.password_file);
        const host = carrier.host.includes(':') ? `[${carrier.host}]` : carrier.host;
        // A certificate authority of the carrier's own is not this check's to know; one bind per account is all that some carriers allow.
        const isPublic = carrier.tls !== false && carrier.tls.ca_file === undefined;
        const { code: why } = await look({ url: `${isPublic ? 'https' : 'http'}://${host}:${carrier.port}`, pins: [] });
        return why === null ? [] : unreachable(why);
      }
      case 'twilio':
      case 'telnyx': {
        const asked =
          carrier.kind === 'twilio'
            ? await askTwilio({
                baseUrl: carrier.base_url,
                accountSid: carrier.account_sid,
                authToken: readSecretFile(carrier.auth_token_file),
              })
            : await askTelnyx({ baseUrl: carrier.base_url, apiKey: readSecretFile(carrier.api_key_file) });
        if (asked.kind === 'unreachable') return unreachable(asked.code);
        if (asked.kind === 'accepted') return [];
        return [
          fault(
            code,
            `the carrier ${name} does not let us in (${asked.status}): nothing is sent`,
            `look at the account and at the file with what opens it: ${where}`,
          ),
        ];
      }
    }
  } catch (error) {
    if (!(error instanceof SecretFileError)) throw error;
    const remedy =
      error.code === 'readable-by-others'
        ? `run: chmod 600 ${error.path}`
        : `put what the carrier gave into it, mode 0600 (${where})`;
    return [fault('texting-secrets', error.message, remedy)];
  }
}
