import { type Check, type Finding, warning, well } from './finding.ts';

/** What a configuration may leave out, and what that means. */
export const people: Check = async ({ config, place }) => {
  const findings: Finding[] = [];
  if (config.control_members.length < 2)
    findings.push(
      warning(
        'administrators',
        `${config.control_members.length} administrator is named: nobody can confirm the other`,
        `name two: ${place('control.members')}`,
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
