/** What the rest of the program sees of the configuration: complete, checked, paths absolute, Matrix ids mapped. */
import { join } from 'node:path';
import type { UserId } from '../../kernel/ids.ts';
import type { Dispatch } from './dispatch.ts';
import type { Fault } from './fault.ts';
import { controlMembers } from './people.ts';
import type { PolicyFile } from './readPolicyFile.ts';
import type { Settings } from './settings.ts';

type With<T, K extends keyof T> = Omit<T, K> & { readonly [P in K]-?: Exclude<T[P], undefined> };

export interface Config extends Omit<Settings, 'appservice' | 'audit' | 'secrets_dir'> {
  readonly appservice: With<Settings['appservice'], 'url' | 'registration_file'>;
  readonly audit: With<Settings['audit'], 'origin'>;
  readonly secrets_dir: string;
  /** With `people[key].mxid` as the homeserver knows them. */
  readonly dispatch: Dispatch;
  /** Who is in the control room with the role admin. */
  readonly control_members: readonly UserId[];
  /** Room classes, roles, agreements; or why they cannot be read: then the last version that was in force stays so. */
  readonly policy: PolicyFile;
  /** What should be looked at, though it stops nothing. */
  readonly warnings: readonly Fault[];
}

/** Fills in the defaults that depend on other keys. */
export function completeConfig(
  settings: Settings,
  dispatch: Dispatch,
  { policy, warnings }: Pick<Config, 'policy' | 'warnings'>,
): Config {
  const { appservice, homeserver } = settings;
  const secretsDir = settings.secrets_dir ?? join(settings.data_dir, 'secrets');
  const host = appservice.host.includes(':') ? `[${appservice.host}]` : appservice.host;
  return {
    ...settings,
    secrets_dir: secretsDir,
    appservice: {
      ...appservice,
      url: appservice.url ?? `http://${host}:${appservice.port}`,
      registration_file: appservice.registration_file ?? join(secretsDir, 'registration.yaml'),
    },
    audit: { origin: settings.audit.origin ?? `${homeserver.server_name}/wardroom` },
    dispatch,
    control_members: controlMembers(dispatch.people, settings),
    policy,
    warnings,
  };
}
