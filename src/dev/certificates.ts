import { join } from 'node:path';
import { checkout } from './checkout.ts';
import { spawnGuarded } from './guard.ts';

/** What a homeserver needs to federate with the others of its directory. PEM files, keys with mode 0600. */
export interface Certificates {
  readonly key: string;
  readonly certificate: string;
  /** Whose signature the others' certificates need. */
  readonly authority: string;
}

/** The certificates of the homeserver in `dir`, made unless they are there. `python`: one that has Synapse. */
export async function ensureCertificates(
  python: string,
  authorityDir: string,
  dir: string,
  log: string,
): Promise<Certificates> {
  const script = join(checkout, 'src/dev/certificates.py');
  const child = await spawnGuarded(python, [script, authorityDir, dir], { log });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`no certificates for federation, see the end of ${log}`);
  return {
    key: join(dir, 'tls.key'),
    certificate: join(dir, 'tls.crt'),
    authority: join(authorityDir, 'authority.crt'),
  };
}
