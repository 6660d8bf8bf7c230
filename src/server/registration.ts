/** The application service's registration: what the homeserver must know of Wardroom, and the two tokens between them. */
import { randomBytes } from 'node:crypto';
import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse, stringify } from 'yaml';
import { Secret } from '../kernel/phi.ts';
import { ensureSecretFile, readSecretFile, SecretFileError, syncDirectory, writeDraft } from './secretFile.ts';

/** Who calls whom with what. */
export interface RegistrationTokens {
  /** Wardroom to the homeserver. */
  readonly as: Secret;
  /** The homeserver to Wardroom. */
  readonly hs: Secret;
}

/** Nobody uses this account: the bot is a user of the namespace, so that it can have a device of its own (MSC4190). */
export const SENDER_LOCALPART = '_wardroom_unused';

/** The document, as the application service API has it. */
export function registrationDocument(
  tokens: RegistrationTokens,
  url: string,
  serverName: string,
): Record<string, unknown> {
  return {
    id: 'wardroom',
    url,
    as_token: tokens.as.reveal(),
    hs_token: tokens.hs.reveal(),
    sender_localpart: SENDER_LOCALPART,
    rate_limited: false,
    // Receipts (MSC2409).
    receive_ephemeral: true,
    // Devices for the users of the namespace, without a password (MSC4190).
    'io.element.msc4190': true,
    namespaces: {
      users: [{ exclusive: true, regex: `@wardroom(_.*)?:${escapeRegex(serverName)}` }],
      aliases: [],
      rooms: [],
    },
  };
}

const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Writes the registration file with mode 0600. Tokens that stand in it already are kept, so that writing it again after a
 * change of address needs no restart in a particular order.
 * @throws SecretFileError when there is a file whose tokens cannot be read.
 */
export function writeRegistration(path: string, url: string, serverName: string): RegistrationTokens {
  const text = (tokens: RegistrationTokens): string =>
    `# Made by \`wardroom registration\`. Holds secrets.\n${stringify(registrationDocument(tokens, url, serverName))}`;
  const before = ensureSecretFile(path, () => text({ as: newToken(), hs: newToken() })).reveal();
  const tokens = readRegistration(path);
  if (before !== text(tokens).trimEnd()) {
    renameSync(writeDraft(path, text(tokens)), path);
    syncDirectory(dirname(path));
  }
  return tokens;
}

/**
 * The tokens in the registration file.
 * @throws SecretFileError when it is missing, open to others, or holds no tokens.
 */
export function readRegistration(path: string): RegistrationTokens {
  let document: unknown;
  try {
    document = parse(readSecretFile(path).reveal());
  } catch (error) {
    if (error instanceof SecretFileError) throw error;
    throw new SecretFileError('malformed', path, 'is not YAML');
  }
  const token = (key: string): Secret => {
    const value = (document as Record<string, unknown> | null)?.[key];
    if (typeof value !== 'string' || value.length < 16) throw new SecretFileError('malformed', path, `holds no ${key}`);
    return new Secret(value);
  };
  return { as: token('as_token'), hs: token('hs_token') };
}

const newToken = (): Secret => new Secret(randomBytes(32).toString('base64url'));
