import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { parse, stringify } from 'node:querystring';
import type { Secret } from '../../kernel/phi.ts';
import type { Fields } from './fields.ts';

export interface SignedRequest {
  /** As it was given to Twilio, with the query that was sent. */
  readonly url: string;
  /** `X-Twilio-Signature`; null: there was none. */
  readonly signature: string | null;
  readonly bytes: Uint8Array;
  readonly form: Fields;
}

/**
 * Whether who has the token signed this (twilio.com/docs/usage/security, "Validating requests"): base64 of HMAC-SHA1 over the URL and every
 * parameter. Where the URL carries `bodySHA256` it is over the URL alone, and the body has that hash. Twilio's own spelling of the URL may differ from
 * ours in the port and in what is escaped: all spellings that its validators take count. Every one is compared, in a time that says nothing.
 */
export function isSignedByTwilio(token: Secret, { url, signature, bytes, form }: SignedRequest): boolean {
  const hash = URL.parse(url)?.searchParams.get('bodySHA256') ?? null;
  const isWhole = hash === null || isEqual(hash, createHash('sha256').update(bytes).digest('hex'));
  const parameters = hash === null ? signedText(form) : '';
  let isSigned = false;
  for (const spelling of spellingsOf(url)) {
    const expected = createHmac('sha1', token.reveal()).update(`${spelling}${parameters}`, 'utf8').digest('base64');
    if (isEqual(signature ?? '', expected)) isSigned = true;
  }
  return isSigned && isWhole;
}

/** Names sorted; each with its values, sorted and each once. */
function signedText(form: Fields): string {
  return [...form.keys()]
    .sort()
    .flatMap((name) => [...new Set(form.get(name))].sort().map((value) => `${name}${value}`))
    .join('');
}

const isEqual = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** With and without the port; as it is, as `URL` writes it, and that with its query as older libraries wrote it. */
function spellingsOf(url: string): ReadonlySet<string> {
  const normal = URL.parse(url)?.href ?? url;
  const ports = (one: string) => [withoutPort(one), withPort(one)];
  return new Set([...ports(url), ...ports(normal), ...ports(normal).map(withOldQuery)]);
}

/** Scheme, user, host, port, and the rest as it is written: `URL` would escape some of it. */
const PARTS = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#]*@)?(\[[^/?#]*\]|[^/?#:]*)(:[^/?#]*)?(.*)$/is;

const withoutPort = (url: string): string =>
  url.replace(PARTS, (_all, scheme, user = '', host, _port, rest) => `${scheme}${user}${host}${rest}`);

const withPort = (url: string): string =>
  url.replace(PARTS, (all, scheme: string, user = '', host, port, rest) =>
    port ? all : `${scheme}${user}${host}${scheme.toLowerCase() === 'https://' ? ':443' : ':80'}${rest}`,
  );

function withOldQuery(url: string): string {
  const mark = url.indexOf('?');
  return mark === -1 || mark === url.length - 1
    ? url
    : `${url.slice(0, mark)}?${stringify(parse(url.slice(mark + 1)))}`;
}
