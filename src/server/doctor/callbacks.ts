import { connect, isIP } from 'node:net';
import tls from 'node:tls';
import { type Check, type Finding, warning, well } from './finding.ts';

const TIMEOUT_MS = 5_000;

/** Something listens at each `callback_url`, with a certificate that this machine believes. Nothing is posted. */
export const callbacks: Check = async ({ config, place }) => {
  const services = Object.entries(config.dispatch.services).flatMap(([id, { callback_url: url }]) =>
    url === undefined ? [] : [{ id, url }],
  );
  const findings: Finding[] = [];
  for (const { id, url } of services) {
    const code = await problemWith(url);
    if (code !== null)
      findings.push(
        warning(
          'callback-reachable',
          `the callback_url of ${id} cannot be reached (${code}): its statuses wait`,
          /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)
            ? 'a hospital’s own certificate authority: start Wardroom with NODE_EXTRA_CA_CERTS=FILE'
            : `look at ${place(`services.${id}.callback_url`)}, and at what stands between`,
        ),
      );
  }
  if (findings.length > 0 || services.length === 0) return findings;
  return [well('callback-reachable', 'every callback_url can be reached')];
};

/** The system's code of what failed; null when a connection, with a certificate that is believed, was made. */
function problemWith(url: string): Promise<string | null> {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket =
      protocol === 'https:'
        ? tls.connect({ host, port: Number(port || 443), servername: isIP(host) === 0 ? host : '' })
        : connect({ host, port: Number(port || 80) });
    const end = (code: string | null): void => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(TIMEOUT_MS, () => end('ETIMEDOUT'));
    socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => end(null));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? 'unknown'));
  });
}
