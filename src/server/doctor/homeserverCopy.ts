import { ENOUGH } from '../../postgres/inspectUse.ts';
import { type Check, type Finding, fault, warning, well } from './finding.ts';

/**
 * What can be told of the homeserver's own copy of the registration beside tokens, namespace and address. It shows the copy to nobody,
 * so each flag is told by what it does.
 */
export const homeserverCopy: Check = async ({ asService, database, config }) => {
  const again = `give the homeserver ${config.appservice.registration_file} again and restart it`;
  const findings: Finding[] = [];
  // Names nobody to log in, so nobody is: with io.element.msc4190 the way in itself is closed, without it the name is missed.
  const login = await asService?.('POST', '/_matrix/client/v3/login', {
    body: { type: 'm.login.application_service' },
  }).catch(() => null);
  const code = String((login?.body as { errcode?: unknown } | null | undefined)?.errcode);
  if (code === 'M_APPSERVICE_LOGIN_UNSUPPORTED')
    findings.push(well('registration-devices', 'the homeserver lets Wardroom manage its devices'));
  else if (code === 'M_INVALID_PARAM')
    findings.push(
      fault('registration-devices', 'the homeserver\u2019s copy of the registration has no io.element.msc4190', again),
    );
  const use = database?.use;
  if (!use) return findings;
  if (use.receipts) findings.push(well('registration-receipts', 'the homeserver sends receipts'));
  else if (use.spoken >= ENOUGH)
    findings.push(
      warning(
        'registration-receipts',
        `people wrote ${ENOUGH} messages and more, and no receipt ever came: the homeserver\u2019s copy of the registration may lack receive_ephemeral (or all of them send private receipts); no ticket is seen`,
        again,
      ),
    );
  else
    findings.push(
      well(
        'registration-receipts',
        'whether the homeserver sends receipts (receive_ephemeral) cannot be told before people have read messages',
      ),
    );
  return findings;
};
