import { parse, stringify } from 'node:querystring';
import fc from 'fast-check';
import { Secret } from '../../../src/kernel/phi.ts';
import { readFields } from '../../../src/sms/twilio/fields.ts';
import { isSignedByTwilio } from '../../../src/sms/twilio/signature.ts';
import { signedForm, TOKEN, twilio } from './words.ts';

type Parameters = Record<string, string | readonly string[]>;

const check = (url: string, body: string, signature: string | null, token = TOKEN): boolean => {
  const bytes = Buffer.from(body);
  const form = readFields({ headers: { 'content-type': 'application/x-www-form-urlencoded' }, bytes });
  return isSignedByTwilio(new Secret(token), { url, signature, bytes, form });
};
const signatureOf = (url: string, parameters: Parameters) => signedForm(url, parameters).headers['x-twilio-signature']!;
const bodyOf = (url: string, parameters: Parameters) => signedForm(url, parameters).body;

describe('the signature of Twilio', () => {
  it('is the one of its documentation', () => {
    const body = 'Digits=1234&To=%2B18005551212&From=%2B14158675310&Caller=%2B14158675310&CallSid=CA1234567890ABCDE';
    const url = 'https://mycompany.com/myapp.php?foo=1&bar=2';
    expect(check(url, body, 'GvWf1cFY/Q7PnoempGyD5oXAezc=', '12345')).toBe(true);
    expect(check(url, body, 'GvWf1cFY/Q7PnoempGyD5oXAezc=', '12346')).toBe(false);
  });

  const url = 'https://texts.larkmoor.example/sms/us/inbound?line=1';
  const parameters: Parameters = { MessageSid: 'SM1', Body: 'Sí & no + 1', From: '+12125550142', Tag: ['b', 'a', 'b'] };
  const good = signatureOf(url, parameters);
  const body = bodyOf(url, parameters);

  it('counts with several values of a name, each once and sorted', () => {
    expect(check(url, body, good)).toBe(true);
    expect(check(url, body.replace('Tag=b&Tag=a&Tag=b', 'Tag=a&Tag=b'), good)).toBe(true);
    expect(check(url, body.replace('Tag=b&Tag=a&Tag=b', 'Tag=a'), good)).toBe(false);
  });

  it.each([
    ['none', null],
    ['an empty one', ''],
    ['a shortened one', good.slice(0, -1)],
    ['one of something else', signatureOf(url, { ...parameters, Body: 'other' })],
    ['one of another address', signatureOf(url.replace('/us/', '/ca/'), parameters)],
    ['one of another host', signatureOf(url.replace('texts.', 'evil.'), parameters)],
    ['one with another token', signedForm(url, parameters, 'another').headers['x-twilio-signature']!],
    ['two at once', `${good}, ${good}`],
    ['one in another spelling', good.toLowerCase()],
  ])('does not count when there is %s', (_, signature) => {
    expect(check(url, body, signature)).toBe(false);
  });

  it('covers every parameter, also those that nobody reads', () => {
    expect(check(url, `${body}&New=1`, good)).toBe(false);
    expect(check(url, body.replace('Body=', 'body='), good)).toBe(false);
    expect(check(`${url}&more=1`, body, good)).toBe(false);
  });

  it.each([
    ['https://texts.example/x', 'https://texts.example:443/x'],
    ['https://texts.example:443/x', 'https://texts.example/x'],
    ['http://127.0.0.1/x', 'http://127.0.0.1:80/x'],
    ['https://texts.example:8443/x', 'https://texts.example/x'],
    ['https://[2001:db8::1]/x', 'https://[2001:db8::1]:443/x'],
  ])('counts for %s when it is over %s', (ours, signed) => {
    expect(check(ours, bodyOf(signed, parameters), signatureOf(signed, parameters))).toBe(true);
  });

  it('over a hash of the body counts with that body only', () => {
    const document = '{"MessageSid":"SM1","Body":"hello"}';
    const address = `${url}&bodySHA256=${twilio.getExpectedBodyHash(document)}`;
    const signature = twilio.getExpectedTwilioSignature(TOKEN, address, {});
    expect(twilio.validateRequestWithBody(TOKEN, signature, address, document)).toBe(true);
    expect(check(address, document, signature)).toBe(true);
    expect(check(address, `${document} `, signature)).toBe(false);
    expect(check(address.replace(/=[^=]*$/, '='), document, signature)).toBe(false);
  });

  it("counts whenever Twilio's own validator says so, and else never", () => {
    const word = fc.string({ unit: 'grapheme', maxLength: 12 });
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,8}$/);
    const values = fc.oneof(word, fc.array(word, { minLength: 2, maxLength: 4 }));
    const forms = fc.dictionary(name, values, { maxKeys: 6, noNullPrototype: true });
    const address = fc
      .record({
        scheme: fc.constantFrom('https', 'http'),
        host: fc.constantFrom('texts.example', 'TEXTS.example', '127.0.0.1', '[::1]'),
        port: fc.constantFrom('', ':443', ':80', ':8443'),
        path: fc.constantFrom('/sms/us/inbound', '/a b', "/it's", '/%41'),
        query: fc.constantFrom('', '?', '?a=1', "?a=it's", '?a=b%27c&a=2', '?q=%2B1 2', '?é=ü'),
      })
      .map(({ scheme, host, port, path, query }) => `${scheme}://${host}${port}${path}${query}`);
    const spelling = fc.constantFrom(
      (one: string) => one,
      (one: string) => one.replace(/(:\/\/(?:\[[^\]]*\]|[^/:]*))(?::\d+)?/, '$1'),
      (one: string) => one.replace(/^(https?:\/\/(?:\[[^\]]*\]|[^/:]*))(?::\d+)?/, '$1:443'),
      (one: string) => URL.parse(one)?.href ?? one,
      (one: string) => {
        const [start, query = ''] = (URL.parse(one)?.href ?? one).split('?');
        return query === '' ? one : `${start}?${stringify(parse(query))}`;
      },
      (one: string) => `${one}x`,
    );
    let agreed = 0;
    fc.assert(
      fc.property(address, forms, spelling, fc.boolean(), (ours, form, spell, isHarmed) => {
        const signed = twilio.getExpectedTwilioSignature(TOKEN, spell(ours), form);
        const signature = isHarmed ? signed.replace(/^./, (one) => (one === 'A' ? 'B' : 'A')) : signed;
        const theirs = twilio.validateRequest(TOKEN, signature, ours, form);
        if (theirs) agreed += 1;
        expect(check(ours, bodyOf(ours, form), signature)).toBe(theirs);
      }),
      { numRuns: 2_000 },
    );
    expect(agreed).toBeGreaterThan(200);
  });
});
