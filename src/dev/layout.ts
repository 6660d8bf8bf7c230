import { join, resolve } from 'node:path';

/** The first hospital; its PostgreSQL has a place of its own, since there was only one once. */
export const FIRST = 'one';

/** Where the embedded hospitals of a directory keep their files. */
export interface Layout {
  readonly dir: string;
  readonly state: string;
  readonly lock: string;
  readonly control: string;
  readonly clock: string;
  readonly supervisorLog: string;
  /** Who vouches for the TLS certificates between the homeservers. */
  readonly authority: string;
  hospital(name: string): HospitalLayout;
}

export interface HospitalLayout {
  readonly dir: string;
  readonly people: string;
  readonly postgres: { readonly dir: string; readonly log: string };
  readonly synapse: { readonly dir: string; readonly log: string };
  readonly wardroom: { readonly dir: string; readonly config: string; readonly placed: string; readonly log: string };
}

/** `--dir`, or `.wardroom/dev` under the current directory. */
export function layoutOf(dir: string | undefined): Layout {
  const root = resolve(dir ?? join('.wardroom', 'dev'));
  const logs = join(root, 'logs');
  return {
    dir: root,
    state: join(root, 'state.json'),
    lock: join(root, 'supervisor.lock'),
    control: join(root, 'control.json'),
    clock: join(root, 'clock.json'),
    supervisorLog: join(logs, 'supervisor.log'),
    authority: join(root, 'authority'),
    hospital: (name) => {
      const home = join(root, name);
      return {
        dir: home,
        people: join(home, 'people.json'),
        postgres:
          name === FIRST
            ? { dir: join(root, 'postgres'), log: join(logs, 'postgres.log') }
            : { dir: join(home, 'postgres'), log: join(logs, `${name}-postgres.log`) },
        synapse: { dir: join(home, 'synapse'), log: join(logs, `${name}-synapse.log`) },
        wardroom: {
          dir: join(home, 'wardroom'),
          config: join(home, 'wardroom', 'wardroom.yaml'),
          placed: join(home, 'wardroom', 'placed.yaml'),
          log: join(logs, `${name}-wardroom.log`),
        },
      };
    },
  };
}
