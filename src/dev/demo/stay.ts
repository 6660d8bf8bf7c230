import type { HospitalInfo } from '../hospitalInfo.ts';

/** How to look at a hospital that was left running. */
export function printStay(hospital: HospitalInfo, dir: string): void {
  const service = hospital.services[0];
  const account = service?.accounts[0];
  const lines = [
    '',
    'The hospital goes on. Log in with any Matrix client (choose the homeserver by hand), verify with the recovery key.',
    '',
    `homeserver    ${hospital.homeserver_url}   (server name ${hospital.server_name})`,
    `API           ${hospital.api_url}   (its description: ${hospital.api_url}/api/v1/openapi.json)`,
    `metrics       ${hospital.metrics_url}`,
    ...hospital.sms.map(({ number, phone_url }) => `a telephone   ${phone_url}   (texts to ${number})`),
    '',
    ...hospital.people.map(
      (person) =>
        `${person.user_id}\n    password      ${person.password}\n    recovery key  ${person.recovery_key ?? '(none)'}`,
    ),
    '',
    'Post a ticket:',
    `  curl -sS ${hospital.api_url}/api/v1/tickets -H 'content-type: application/json' -H 'authorization: Bearer ${service?.token}' \\`,
    `    -d '{"id":"try-1","account":"${account?.id}","urgency":"STAT","caller":{"name":"Test Caller","callback":"+12125550142"},"reason":"This is a test."}'`,
    '',
    `Stop it:  npx wardroom dev down --dir ${dir}`,
    '',
  ];
  process.stdout.write(lines.join('\n'));
}
