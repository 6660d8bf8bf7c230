import { connect, isIP } from 'node:net';
import tls from 'node:tls';
import { pinOf } from '../../channels/wctp/index.ts';
import { type Check, type Finding, warning, well } from './finding.ts';

const TIMEOUT_MS = 5_000;

/** An address at which a service takes what it is told. */
interface Address {
  readonly key: 'callback_url' | 'wctp_url';
  readonly id: string;
  readonly url: string;
  /** The keys that the server there may have; none: what this machine's certificate authorities believe. */
  readonly pins: readonly string[];
}

/**
 * Something listens at each `callback_url` and `wctp_url`, with a certificate that this machine believes, or with the key that is
 * pinned. Nothing is posted.
 */
export const callbacks: Check = async ({ config, place }) => {
  const addresses = Object.entries(config.dispatch.services).flatMap(([id, service]): Address[] => [
    ...(service.callback_url === undefined
      ? []
      : [{ key: 'callback_url' as const, id, url: service.callback_url, pins: [] }]),
    ...(service.wctp_url === undefined
      ? []
      : [{ key: 'wctp_url' as const, id, url: service.wctp_url, pins: service.wctp_pin ?? [] }]),
  ]);
  const findings: Finding[] = [];
  for (const address of addresses) {
    const { key, id } = address;
    const { code, pin } = await look(address);
    if (code !== null)
      findings.push(
        warning(
          'callback-reachable',
          `the ${key} of ${id} cannot be reached (${code}): its statuses wait`,
          /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)
            ? 'a hospital’s own certificate authority: start Wardroom with NODE_EXTRA_CA_CERTS=FILE'
            : `look at ${place(`services.${id}.${key}`)}, and at what stands between`,
        ),
      );
    else if (address.pins.length > 0 && (pin === null || !address.pins.includes(pin)))
      findings.push(
        warning(
          'wctp-pin',
          `the server at the wctp_url of ${id} has another key than the pinned one: nothing is sent to it`,
          `ask the service whether it changed its key; if so, ${place(`services.${id}.wctp_pin`)} must hold ${pin ?? 'its pin'}`,
        ),
      );
  }
  if (findings.length > 0 || addresses.length === 0) return findings;
  return [well('callback-reachable', 'every callback_url and wctp_url can be reached')];
};

/** `code`: the system's code of what failed; null when a connection, with a certificate that is believed or pinned, was made. */
export function look({
  url,
  pins,
}: Pick<Address, 'url' | 'pins'>): Promise<{ readonly code: string | null; readonly pin: string | null }> {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket =
      protocol === 'https:'
        ? tls.connect({
            host,
            port: Number(port || 443),
            servername: isIP(host) === 0 ? host : '',
            rejectUnauthorized: pins.length === 0,
          })
        : connect({ host, port: Number(port || 80) });
    const end = (code: string | null): void => {
      const pin = code === null && socket instanceof tls.TLSSocket ? pinOf(socket) : null;
      socket.destroy();
      resolve({ code, pin });
    };
    socket.setTimeout(TIMEOUT_MS, () => end('ETIMEDOUT'));
    socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => end(null));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'unknown'));
  });
}
