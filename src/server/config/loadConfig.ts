import { resolve } from 'node:path';
import { err, ok, type Result } from '../../kernel/result.ts';
import { crossChecks, type Finding, NOBODY } from './checks.ts';
import { type Config, completeConfig } from './config.ts';
import { dispatchShape } from './dispatch.ts';
import { type Fault, faultLine } from './fault.ts';
import { faultAt, issueFaults, MISSING } from './issues.ts';
import { type Layers, readLayers } from './layers.ts';
import { mapAliases, mapPeople } from './people.ts';
import { readDispatch } from './readDispatch.ts';
import { policyShape, readPolicyFile } from './readPolicyFile.ts';
import { type Settings, settingsSchema, settingsShape } from './settings.ts';

/**
 * Reads the configuration from files that are merged in order, later ones winning; each may hold any keys of
 * `wardroom.yaml`, `dispatch.yaml` and `policy.yaml`. Either everything is right, or the answer lists every fault with file and line.
 * A faulty policy alone stops nothing: `Config.policy` says what is wrong with it.
 */
export function loadConfig(files: readonly string[]): Result<Config, readonly Fault[]> {
  const layers = readLayers(files);
  const document = layers.document;
  const at = (finding: Finding): Fault => faultAt(finding.path, finding.what, layers);

  const unknown = Object.keys(document)
    .filter((key) => ![settingsShape, dispatchShape, policyShape].some((shape) => Object.hasOwn(shape, key)))
    .map((key) => faultAt([key], 'unknown key', layers));
  const settings = settingsSchema.safeParse(pick(document, settingsShape));
  const { dispatch, ...read } = readDispatch(pick(document, dispatchShape), layers);

  const faults = unique([
    ...layers.faults,
    ...unknown,
    ...(settings.success ? [] : issueFaults(settings.error.issues, layers)),
    ...read.faults,
    ...crossChecks(document).map(at),
  ]).filter((fault) => layers.complete || !COMES_FROM_ELSEWHERE.has(fault.what));
  if (faults.length > 0 || !settings.success || dispatch === null) return err(sorted(faults, files));

  const people = mapPeople(dispatch.people, settings.data.dev);
  const protocols = mapAliases(dispatch.protocols, settings.data.dev);
  const warnings = sorted(read.warnings, files);
  const complete = absolutePaths(settings.data, layers);
  const policy = readPolicyFile(complete.policy_file, files);
  return ok(completeConfig(complete, { ...dispatch, people, protocols }, { policy, warnings }));
}

/** Said of what is not there: no news while a file could not be read. */
const COMES_FROM_ELSEWHERE = new Set([MISSING, NOBODY]);

/** Every key of the settings that holds a path. */
export const PATH_KEYS: readonly (readonly string[])[] = [
  ['appservice', 'registration_file'],
  ['backup', 'key_file'],
  ['database', 'url_file'],
  ['database', 'owner_url_file'],
  ['homeserver', 'admin_token_file'],
  ['homeserver', 'config_file'],
  ['data_dir'],
  ['policy_file'],
  ['secrets_dir'],
  ['dev', 'clock_file'],
];

/** A relative path counts from the directory of the file it was written in. */
function absolutePaths(settings: Settings, layers: Layers): Settings {
  const copy: Settings = structuredClone(settings);
  const ofCarriers = Object.keys(copy.texting.carriers).flatMap((name) =>
    [['auth_token_file'], ['api_key_file'], ['password_file'], ['tls', 'ca_file']].map((key) => [
      'texting',
      'carriers',
      name,
      ...key,
    ]),
  );
  for (const path of [...PATH_KEYS, ...ofCarriers]) {
    let parent = copy as unknown as Record<string, unknown> | undefined; // walked by names, not by type
    for (const key of path.slice(0, -1)) parent = parent?.[key] as Record<string, unknown> | undefined;
    const key = path.at(-1)!;
    const value = parent?.[key];
    if (parent !== undefined && typeof value === 'string') parent[key] = resolve(layers.directory(path), value);
  }
  return copy;
}

/** The part of the document that a shape is about. A section whose keys are all commented out (null) is not set. */
const pick = (document: Readonly<Record<string, unknown>>, shape: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(document).filter(([key, value]) => Object.hasOwn(shape, key) && value !== null));

/** Two checks may find the same: one line each is enough. */
function unique(faults: readonly Fault[]): Fault[] {
  return [...new Map(faults.map((fault) => [faultLine(fault), fault])).values()];
}

const sorted = (faults: readonly Fault[], files: readonly string[]): Fault[] =>
  [...faults].sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line);
