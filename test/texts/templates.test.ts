import fc from 'fast-check';
import {
  builtInTemplates,
  isError,
  lint,
  render,
  segmentsOf,
  type Template,
  templateFor,
} from '../../src/texts/index.ts';

const reminder: Template = {
  id: 'appointment-reminder',
  language: 'en',
  version: 1,
  state: 'draft',
  contentClass: 'reminder',
  body: 'Hi {first_name}, your visit to {practice} is {date}, {time}. Reply 1 to confirm. Call {phone}. Reply STOP to opt out.',
  first: false,
  replies: true,
};
const values = {
  first_name: 'Rosa',
  practice: 'Lark Street Clinic',
  date: '2026-12-04',
  time: '14:30',
  phone: '+12125550100',
};
const withBody = (body: string, over: Partial<Template> = {}): Template => ({ ...reminder, body, ...over });
const errorsOf = (template: Template, practice = 'Lark Street Clinic') =>
  lint(template, { practice })
    .filter(isError)
    .map(({ code }) => code);
const warningsOf = (template: Template) =>
  lint(template)
    .filter((finding) => !isError(finding))
    .map(({ code }) => code);

describe('a template filled in', () => {
  it('is its text with the values written as the language writes them', () => {
    expect(render(reminder, values)).toEqual({
      ok: true,
      value:
        'Hi Rosa, your visit to Lark Street Clinic is Fri, Dec 4, 2:30 PM. Reply 1 to confirm. Call 212-555-0100. Reply STOP to opt out.',
    });
    const spanish = render({ body: '{date} {time}', language: 'es' }, { date: '2026-12-05', time: '14:30' });
    expect(spanish).toEqual({ ok: true, value: 'sab, 5 dic 14:30' });
  });

  it('stays within the alphabet of phones whatever the day and the hour', () => {
    const text = (date: string, time: string, language: string) => {
      const written = render({ body: '{date} {time}', language }, { date, time });
      return written.ok ? segmentsOf(written.value).encoding : 'refused';
    };
    for (const language of ['en', 'es', 'fr'])
      for (let day = 1; day <= 28; day += 1)
        for (const month of ['02', '03', '08', '12'])
          expect(text(`2026-${month}-${String(day).padStart(2, '0')}`, '08:05', language)).toBe('GSM-7');
  });

  it.each([
    ['first_name', 'rosa'],
    ['first_name', 'Rosa Maria Delgado'],
    ['first_name', 'Rosa: HIV+'],
    ['first_name', 'Methadone'],
    ['first_name', 'M3thadone'],
    ['first_name', 'Rosa 212-555-0142'],
    ['first_name', 'Rosa\nCall 900'],
    ['first_name', 'Maximilianamaximiliana'],
    ['date', '12/04/2026'],
    ['date', '2026-02-30'],
    ['date', 'tomorrow'],
    ['date', '2026-12-04T10:00'],
    ['time', '24:00'],
    ['time', '2:30 PM'],
    ['time', '9:00'],
    ['practice', 'Lark Oncology'],
    ['practice', 'Street Methadone Clinic'],
    ['practice', 'Women’s Health Associates'],
    ['practice', 'Lark Clinic https://evil.example'],
    ['phone', '911'],
    ['phone', '99'],
    ['phone', 'call me'],
    ['phone', '+12125550100 ext 12'],
  ])('refuses in {%s} what is not of its type: %j, and does not repeat it', (slot, value) => {
    const outcome = render(reminder, { ...values, [slot]: value });
    expect(outcome).toMatchObject({ ok: false, error: [{ slot, code: 'slot-refused' }] });
    if (!outcome.ok) expect(outcome.error.map(({ what }) => what).join()).not.toContain(value);
  });

  it('leads only to the hosts of the practice, and with nothing that may name the patient', () => {
    const linked = { body: 'See {link}', language: 'en' };
    const to = (link: string) => render(linked, { link }, { linkHosts: ['lark.example'] }).ok;
    expect(to('https://lark.example/k7x2')).toBe(true);
    for (const link of [
      'http://lark.example/k7x2',
      'https://lark.example.evil.example/',
      'https://lark.example@evil.example/',
      'https://lark.example/?name=rosa',
      'https://lark.example/?',
      'https://lark.example/#rosa',
      'https://lark.example:444/',
      'javascript:alert(1)',
      'lark.example',
    ])
      expect([link, to(link)]).toEqual([link, false]);
  });

  it('names every fault at once: what is missing, what does not fit, what no slot is for', () => {
    const outcome = render(reminder, { first_name: 'Rosa', date: 'soon', diagnosis: 'asthma' });
    expect(outcome.ok ? [] : outcome.error.map(({ slot, code }) => `${slot} ${code}`).sort()).toEqual([
      'date slot-refused',
      'diagnosis slot-not-in-template',
      'phone slot-missing',
      'practice slot-missing',
      'time slot-missing',
    ]);
  });

  it('takes no value from what every object has', () => {
    expect(render({ body: '{constructor}', language: 'en' }, {}).ok).toBe(false);
    expect(render({ body: 'Ref {ref}', language: 'en' }, Object.create({ ref: 'K7' })).ok).toBe(false);
  });

  it('never lets free words through, whatever stands in any slot', () => {
    const slot = fc.constantFrom('first_name', 'date', 'time', 'phone', 'practice', 'ref', 'n', 'link');
    const secret = fc.constantFrom('has HIV', 'chemo', 'on methadone', '@evil', 'pregnant?', '{ref}');
    fc.assert(
      fc.property(
        slot,
        fc.string({ maxLength: 12 }),
        secret,
        fc.string({ maxLength: 12 }),
        (name, before, words, after) => {
          const outcome = render({ body: `{${name}}`, language: 'en' }, { [name]: `${before} ${words} ${after}` });
          expect(outcome.ok).toBe(false);
        },
      ),
    );
  });
});

describe('which version is sent', () => {
  const version = (version: number, language: string, state: Template['state']) => ({
    ...reminder,
    version,
    language,
    state,
  });
  const kept = [
    version(1, 'en', 'approved'),
    version(2, 'en', 'approved'),
    version(3, 'en', 'draft'),
    version(1, 'es', 'retired'),
    version(1, 'fr', 'approved'),
  ];

  it('is the newest approved one of the first language that has any', () => {
    expect(templateFor(kept, reminder.id, ['fr-CA', 'en'])).toMatchObject({ language: 'fr', version: 1 });
    expect(templateFor(kept, reminder.id, ['es', 'en-US'])).toMatchObject({ language: 'en', version: 2 });
    expect(templateFor(kept, reminder.id, ['vi'])).toBeNull();
    expect(templateFor(kept, 'another', ['en'])).toBeNull();
  });
});

describe('lint', () => {
  it('finds nothing wrong with the texts to start from', () => {
    for (const template of builtInTemplates) expect([template.id, errorsOf(template)]).toEqual([template.id, []]);
    expect(errorsOf(reminder)).toEqual([]);
    expect(lint(reminder)).toEqual([]);
  });

  it.each([
    'Reply CANCEL to cancel your visit',
    'Reply YES to confirm',
    'reply yes to confirm or no to reschedule',
    'Text 1 to confirm or CANCEL to cancel',
    'Reply C to confirm, CANCEL to cancel',
    'Reply END if you are done',
    'Reply "QUIT" for fewer texts',
    'Reply STOP to cancel your appointment',
    'Please respond with Yes if you can come',
    'Reply START to begin check-in',
    'Reply with the word cancel if you cannot come',
    'Responda SI para confirmar',
    'Responda CANCELAR para cancelar su cita',
    'Reply INFO for parking',
  ])('refuses to ask for a word that carriers take for themselves: %s', (words) => {
    expect(errorsOf(withBody(`{practice} {phone}: ${words}. Reply STOP to opt out.`))).toContain('reserved-word');
  });

  it.each([
    'Reply STOP to opt out',
    'Reply STOP to unsubscribe, HELP for help',
    'Text STOP to stop',
    'Reply HELP for help or STOP to opt out',
    'Reply 1 to confirm, 2 to reschedule, 3 to cancel',
    'Reply C to confirm or R to reschedule',
    'To cancel, call us',
    'Reply START to resubscribe',
    'Responda STOP para no recibir mensajes',
    'The visit will end at noon. Reply 1 to confirm',
  ])('lets a template say: %s', (words) => {
    expect(errorsOf(withBody(`{practice} {phone}: ${words}.`))).not.toContain('reserved-word');
  });

  it.each<[string, Partial<Template>, string]>([
    ['Your visit is {date}. Reply STOP to opt out.', {}, 'sender-missing'],
    ['{practice} {date} {phone}', { first: true }, 'first-without-stop'],
    ['{practice} {date} {phone}. Reply STOP to opt out.', { first: true }, 'first-without-help'],
    ['{practice} {date} {phone}', { replies: false }, 'no-reply-unsaid'],
    ['{practice} {date}. Do not reply.', { replies: false }, 'no-other-opt-out'],
    ['{practice} {date}. Do not reply. To opt out call {phone}. Reply STOP.', { replies: false }, 'stop-cannot-arrive'],
    [`{practice} {date} ${'please be there in time '.repeat(7)}`, {}, 'too-long'],
    ['{practice}: your chemo is {date} {time}.', {}, 'reveals-health'],
    ['{practice}: your m3thadone visit is {date}.', {}, 'reveals-health'],
    ['{practice} {name}', {}, 'slot-unknown'],
    ['{practice} {text}', {}, 'slot-unknown'],
    ['{practice} {first_name', {}, 'body-malformed'],
    ['{practice} {First Name}', {}, 'body-malformed'],
    ['{practice} {date}: 20% off on flu season', {}, 'marketing'],
    ['{practice}: hi {first_name}', { contentClass: 'notice' }, 'slot-not-for-notice'],
    ['Call {first_name}. Ref {ref}.', { contentClass: 'page' }, 'slot-not-for-page'],
    ['{practice} {date}', { id: 'Appointment Reminder' }, 'bad-id'],
    ['', {}, 'empty'],
  ])('refuses %j with %j: %s', (body, over, code) => {
    expect(errorsOf(withBody(body, over))).toContain(code);
  });

  it('accepts a line that cannot receive, when it says so and gives another way', () => {
    const body = '{practice}: visit {date}, {time}. Do not reply. To opt out call {phone}.';
    expect(errorsOf(withBody(body, { replies: false }))).toEqual([]);
  });

  it.each(['Lark Oncology', 'Lark Street Dialysis Center', 'Planned Parenthood', 'Lark Psychiatry', 'New Start Detox'])(
    'refuses to text as %s: the name tells what somebody is treated for',
    (practice) => {
      expect(errorsOf(reminder, practice)).toContain('practice-reveals');
    },
  );

  it('warns of what costs: several parts, and each character outside the alphabet of phones', () => {
    expect(warningsOf(withBody('{practice} {phone}: día {date}. STOP'))).toEqual(['not-gsm-7']);
    expect(warningsOf(withBody('{practice} {phone} ’ {date} at {time} Reply 1 to confirm, STOP to opt out.'))).toEqual([
      'several-parts',
      'not-gsm-7',
    ]);
    expect(warningsOf(withBody('{practice} {date}'))).toEqual(['contact-missing', 'opt-out-missing']);
  });

  it('judges the length by long names: what fits Ann must fit Christopher', () => {
    const free =
      160 -
      '{practice} {first_name}'
        .replace('{practice}', 'Lark Street Family Clinic')
        .replace('{first_name}', 'Christopher').length;
    expect(errorsOf(withBody(`{practice} {first_name}${'!'.repeat(free)}`))).toEqual([]);
    expect(errorsOf(withBody(`{practice} {first_name}${'!'.repeat(free + 1)}`))).toEqual(['too-long']);
  });

  it('says of each finding what it serves', () => {
    for (const { cite, what } of lint(withBody('Reply YES', { first: true, replies: false }))) {
      expect(cite).toMatch(/CFR|CTIA/);
      expect(what).toMatch(/\.$|"$/);
    }
  });
});
