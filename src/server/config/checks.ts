/**
 * What no single key can tell: values that contradict each other. Works on the document as it was written, so that these
 * faults are listed together with those of the schema.
 */
import { isIP } from 'node:net';
import { localpart, peopleChecks } from './people.ts';
import { list, type Tree, text, tree } from './raw.ts';

/** A name that is no key of a person. */
export const NOBODY = 'is nobody under people';

export interface Finding {
  readonly path: readonly string[];
  readonly what: string;
}

/** All contradictions; empty when there is none. Values of a wrong type are left to the schema. */
export function crossChecks(document: Tree): Finding[] {
  return [
    databaseChecks,
    listenerChecks,
    serviceChecks,
    senderChecks,
    peopleChecks,
    controlChecks,
    textingChecks,
  ].flatMap((check) => check(document));
}

function databaseChecks(document: Tree): Finding[] {
  const database = tree(document.database);
  return ['url', 'owner_url'].flatMap((key) => {
    const value = text(database[key]);
    const path = ['database', key];
    if (value === null) return [];
    if (database[`${key}_file`] !== undefined) return [{ path, what: `give either this or ${key}_file` }];
    const url = URL.parse(value);
    if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) return [{ path, what: 'must be a postgresql:// URL' }];
    if (url.password !== '' || url.searchParams.has('password')) {
      return [{ path, what: `must not hold a password: put the URL into a file and name it in ${key}_file` }];
    }
    return [];
  });
}

/** Names that mean nothing, numbers that are there twice, carriers that belong to the demo, credentials over a plain line. */
function textingChecks(document: Tree): Finding[] {
  const texting = tree(document.texting);
  const carriers = tree(texting.carriers);
  const accounts = Object.values(tree(document.services)).flatMap((service) => list(tree(service).accounts));
  const numbers = new Set<unknown>();
  const ofCarriers = Object.entries(carriers).flatMap(([name, carrier]): Finding[] => {
    const settings = tree(carrier);
    const path = ['texting', 'carriers', name];
    if (settings.kind === 'local' && document.dev === undefined)
      return [{ path: [...path, 'kind'], what: 'is for the embedded hospital only' }];
    if (settings.kind === 'smpp' && settings.tls === false && !isLoopback(text(settings.host) ?? ''))
      return [{ path: [...path, 'tls'], what: 'must be on except to this machine: SMPP has no protection of its own' }];
    return ['base_url', 'public_url'].flatMap((key) => {
      const url = URL.parse(text(settings[key]) ?? '');
      return url?.protocol === 'http:' && !isLoopback(url.hostname)
        ? [{ path: [...path, key], what: 'must be https:// except on this machine' }]
        : [];
    });
  });
  const ofLines = Object.entries(tree(texting.lines)).flatMap(([name, value]): Finding[] => {
    const path = ['texting', 'lines', name];
    const line = tree(value);
    const found: Finding[] = [];
    const carrier = text(line.carrier);
    if (carrier !== null && !Object.hasOwn(carriers, carrier))
      found.push({ path: [...path, 'carrier'], what: 'is none of texting.carriers' });
    if (line.number !== undefined && numbers.has(line.number))
      found.push({ path: [...path, 'number'], what: 'is the number of another line' });
    numbers.add(line.number);
    for (const [index, account] of list(line.accounts).entries())
      if (!accounts.includes(account))
        found.push({ path: [...path, 'accounts', String(index)], what: 'is an account of no service' });
    for (const [index, member] of list(line.team).entries())
      if (!Object.hasOwn(tree(document.people), String(member)))
        found.push({ path: [...path, 'team', String(index)], what: NOBODY });
    return found;
  });
  const ofServices = Object.keys(tree(document.services))
    .filter((id) => id.startsWith('text.'))
    .map((id) => ({ path: ['services', id], what: 'must not begin with "text.": voices of lines are called so' }));
  return [...ofCarriers, ...ofLines, ...ofServices];
}

const STANDARD_PORTS = { appservice: 9009, http: 8080, metrics: 9464 } as const;

function listenerChecks(document: Tree): Finding[] {
  const findings: Finding[] = [];
  const taken = new Map<unknown, string>();
  const written = (section: string) => tree(document[section]).port;
  for (const [section, standard] of Object.entries(STANDARD_PORTS)) {
    const port = written(section) ?? standard;
    const other = taken.get(port);
    if (port !== 0 && other !== undefined) {
      const [at, against] = written(section) === undefined ? [other, section] : [section, other];
      findings.push({ path: [at, 'port'], what: `is the same port as ${against}.port` });
    }
    taken.set(port, section);
  }
  return findings;
}

function serviceChecks(document: Tree): Finding[] {
  const plainAllowed = tree(document.dev).allow_plain_http_callbacks === true;
  return Object.entries(tree(document.services)).flatMap(([id, service]) => {
    const findings: Finding[] = [];
    if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(id)) {
      findings.push({
        path: ['services', id],
        what: 'the id of a service must be lower-case letters, digits, ".", "_" and "-"',
      });
    }
    for (const key of ['callback_url', 'wctp_url']) {
      const url = text(tree(service)[key]);
      if (url !== null && !callbackAllowed(url, plainAllowed))
        findings.push({ path: ['services', id, key], what: 'must be an https:// URL without user and password' });
    }
    if (tree(service).wctp_pin !== undefined && URL.parse(text(tree(service).wctp_url) ?? '')?.protocol !== 'https:')
      findings.push({ path: ['services', id, 'wctp_pin'], what: 'needs a wctp_url with https://' });
    return findings;
  });
}

/** A senderID says which service it is: two cannot have the same. */
function senderChecks(document: Tree): Finding[] {
  const holders = new Map<string, string>();
  return Object.entries(tree(document.services)).flatMap(([service, entry]) =>
    list(tree(entry).senders).flatMap((sender, index) => {
      const id = text(tree(sender).id);
      if (id === null) return [];
      const other = holders.get(id);
      holders.set(id, other ?? service);
      return other === undefined
        ? []
        : [{ path: ['services', service, 'senders', String(index), 'id'], what: `is a sender of ${other} already` }];
    }),
  );
}

/** Callbacks go over TLS; the embedded hospital may talk plainly to its own machine. */
export function callbackAllowed(text: string, plainOnLoopback: boolean): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  return plainOnLoopback && url.protocol === 'http:' && isLoopback(url.hostname);
}

function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname === '[::1]') return true;
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}

function controlChecks(document: Tree): Finding[] {
  const people = tree(document.people);
  const extra = list(tree(document.dev).people);
  const locals = new Set([
    ...extra,
    ...Object.values(people).map((person) => localpart(text(tree(person).mxid) ?? '')),
  ]);
  const unknown = (path: readonly string[], names: readonly unknown[], allowed: (name: string) => boolean): Finding[] =>
    names.flatMap((name, index) =>
      typeof name === 'string' && !allowed(name) ? [{ path: [...path, String(index)], what: NOBODY }] : [],
    );
  const isKey = (name: string) => Object.hasOwn(people, name);
  return [
    ...unknown(['control', 'members'], list(tree(document.control).members), isKey),
    ...unknown(['dev', 'control'], list(tree(document.dev).control), (name) => isKey(name) || locals.has(name)),
  ];
}
