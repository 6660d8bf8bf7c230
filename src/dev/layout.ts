import { join, resolve } from 'node:path';

/** Where an embedded hospital keeps its files. */
export interface Layout {
  readonly dir: string;
  readonly state: string;
  readonly lock: string;
  readonly control: string;
  readonly clock: string;
  readonly supervisorLog: string;
  readonly postgres: { readonly dir: string; readonly log: string };
  hospital(name: string): HospitalLayout;
}

export interface HospitalLayout {
  readonly dir: string;
  readonly people: string;
  readonly synapse: { readonly dir: string; readonly log: string };
  readonly wardroom: { readonly dir: string; readonly config: string; readonly log: string };
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
    postgres: { dir: join(root, 'postgres'), log: join(logs, 'postgres.log') },
    hospital: (name) => {
      const home = join(root, name);
      return {
        dir: home,
        people: join(home, 'people.json'),
        synapse: { dir: join(home, 'synapse'), log: join(logs, `${name}-synapse.log`) },
        wardroom: {
          dir: join(home, 'wardroom'),
          config: join(home, 'wardroom', 'wardroom.yaml'),
          log: join(logs, `${name}-wardroom.log`),
        },
      };
    },
  };
}
