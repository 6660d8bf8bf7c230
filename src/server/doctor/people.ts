import { type Check, type Finding, warning, well } from './finding.ts';

/** What a configuration may leave out, and what that means. */
export const people: Check = async ({ config, place, database }) => {
  const findings: Finding[] = [];
  if (config.control_members.length < 2)
    findings.push(
      warning(
        'administrators',
        `${config.control_members.length} administrator is named: nobody can confirm the other`,
        `name two: ${place('control.members')}`,
      ),
    );
  const waiting = config.control_members.filter(
    (user) => database?.use?.administrators.find((one) => one.user === user)?.state !== 'confirmed',
  );
  const suspended = config.control_members.filter(
    (user) => database?.use?.administrators.find((one) => one.user === user)?.state === 'changed',
  );
  if (suspended.length > 0)
    findings.push(
      warning(
        'administrators-suspended',
        `the identity of ${suspended.join(', ')} changed: their commands are refused`,
        suspended.length === config.control_members.length
          ? 'no administrator is left to confirm another: README, "The first two administrators", last paragraph but one'
          : 'another administrator compares and confirms the new one: !wr admin list, !wr admin confirm',
      ),
    );
  if (database?.use && waiting.length > suspended.length)
    findings.push(
      warning(
        'administrators-confirmed',
        `no other administrator has confirmed the identity of ${waiting.filter((user) => !suspended.includes(user)).join(', ')}`,
        'in the control room: !wr admin list (README, "The first two administrators")',
      ),
    );
  for (const [id, service] of Object.entries(config.dispatch.services))
    if (service.callback_url === undefined)
      findings.push(
        warning(
          'callbacks',
          `${id} is not told what becomes of its tickets, nor that Wardroom lives`,
          `set callback_url: ${place(`services.${id}`)}`,
        ),
      );
  if (config.dev !== undefined)
    findings.push(
      warning('dev', 'the settings of the embedded hospital are on', `remove them in production: ${place('dev')}`),
    );
  return findings.length > 0 ? findings : [well('people', 'administrators and callbacks are named')];
};
