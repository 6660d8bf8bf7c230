import type { DevUp } from './hospitalInfo.ts';

/** What `wardroom dev up` prints for people. */
export function describeUp(document: DevUp): string {
  const lines = document.hospitals.flatMap((hospital) => [
    ...(document.hospitals.length > 1 ? [`\nhospital ${hospital.name}`] : []),
    `homeserver   ${hospital.homeserver_url}   (server name ${hospital.server_name})`,
    `API          ${hospital.api_url}`,
    `WCTP         ${hospital.wctp_url}`,
    `metrics      ${hospital.metrics_url}`,
    ...hospital.sms.map(({ number, phone_url }) => `telephone    ${phone_url}   (texts to ${number})`),
    `admin        ${hospital.admin.user_id}   password ${hospital.admin.password}`,
    ...hospital.services.map(
      (service) =>
        `service      ${service.id}   token ${service.token}   accounts ${service.accounts.map((one) => one.id).join(', ')}`,
    ),
    ...hospital.people.map(
      (person) =>
        `person       ${person.key}   ${person.user_id}   password ${person.password}   recovery key ${person.recovery_key ?? '(none)'}`,
    ),
  ]);
  return `${lines.join('\n')}\n\neverything of it is under ${document.dir}; stop it with: npx wardroom dev down --dir ${document.dir}\n`;
}
