import type { HospitalInfo } from '../hospitalInfo.ts';
import type { SeenEvent } from '../person.ts';
import { type AnsweringService, type Callback, postTicket } from './answeringService.ts';
import { arrived, checkAudit, checkNowhere, logIn, mentions, short, threadOf, ticketPart } from './scenes.ts';
import type { Timeline } from './timeline.ts';

export interface Story {
  readonly hospital: HospitalInfo;
  readonly service: AnsweringService;
  readonly timeline: Timeline;
  /** Text that may exist nowhere but inside encrypted events. */
  readonly canary: string;
}

/** One night: the first clinician reads and does not answer, the ladder escalates, the second takes it. */
export async function play({ hospital, service, timeline, canary }: Story): Promise<void> {
  const harrier = hospital.services.find((one) => one.id === 'harrier');
  const account = harrier?.accounts.find((one) => one.id === 'MARSH-CARD');
  if (!harrier || !account?.room_id) throw new Error('the demonstration service is missing');
  service.trust(harrier.callback_secret);
  const room = account.room_id;

  timeline.heading('Three clinicians log in and verify their devices');
  const people = await Promise.all(['dr.ashdown', 'dr.birchall', 'np.corrigan'].map((key) => logIn(hospital, key)));
  const [first, second, third] = people;
  if (!first || !second || !third) throw new Error('a clinician is missing');
  for (const person of people)
    timeline.happened(short(person.userId), `logged in, device ${person.deviceId} cross-signed`, performance.now());

  try {
    timeline.heading('A call at night');
    const patient = `Ottoline ${canary}`;
    const ticket = {
      id: 'DEMO-1',
      account: 'MARSH-CARD',
      taken_at: new Date().toISOString(),
      operator: 'op7',
      caller: { name: 'Imogen Thackeray', relation: 'spouse', callback: '+12125550142', readback: true },
      patient: { name: patient, dob: '1951-03-09' },
      reason: 'Crushing chest pressure for 20 minutes. Ambulance on the way, wants the cardiologist to know.',
      urgency: 'STAT',
      told_911: true,
      canary,
    };
    const sentAt = performance.now();
    const posted = await postTicket(hospital.api_url, harrier.token, ticket);
    const acceptedAt = performance.now();
    if (posted.status !== 202) throw new Error(`the ticket was answered ${posted.status}`);
    const id = String(posted.body.ticket_id);
    timeline.happened('answering service', 'posted a STAT ticket, answered 202', acceptedAt, {
      at: sentAt,
      of: 'the request',
    });

    const isTicket = (kind: string) => (event: SeenEvent) =>
      event.roomId === room && ticketPart(event).ticket_id === id && ticketPart(event).kind === kind;
    const roots = await Promise.all(people.map((person) => person.waitFor(isTicket('ticket'))));
    const root = roots[0];
    if (!root) throw new Error('no ticket in the room');
    for (const [index, seen] of roots.entries()) {
      timeline.happened(short(people[index]?.userId ?? ''), 'has the ticket, decrypted', arrived(seen), {
        at: acceptedAt,
        of: '202',
      });
    }
    const text = String(root.content.body);
    timeline.check(
      'the ticket shows the patient, the call-back number and the reason',
      [patient, '+12125550142', 'Crushing chest'].every((part) => text.includes(part)),
    );
    timeline.check(
      'it mentions exactly the clinician on call',
      JSON.stringify(mentions(root)) === JSON.stringify([first.userId]),
    );
    const stored = await first.stored(room, root.eventId);
    timeline.check(
      'the homeserver holds it encrypted',
      stored.type === 'm.room.encrypted' && !JSON.stringify(stored).includes(canary),
    );

    await told(service, timeline, 'ticket.delivered');
    await first.read(room, root.eventId);
    timeline.happened(short(first.userId), 'reads it, and does not answer', performance.now());
    await told(service, timeline, 'ticket.seen');

    await first.waitFor(isTicket('renotify'));
    timeline.happened('Wardroom', 'reminds the clinician on call', performance.now());
    const escalation = await second.waitFor(isTicket('escalation'));
    timeline.happened('Wardroom', 'escalates to the backup', arrived(escalation), { at: acceptedAt, of: '202' });
    timeline.check(
      'the escalation is in the thread and mentions exactly the backup',
      threadOf(escalation) === root.eventId && JSON.stringify(mentions(escalation)) === JSON.stringify([second.userId]),
    );
    await told(service, timeline, 'ticket.escalated');

    const answeredAt = performance.now();
    await second.say(room, 'ok', { thread: root.eventId });
    timeline.happened(short(second.userId), 'replies "ok" in the thread, encrypted', answeredAt);
    const acknowledged = await told(service, timeline, 'ticket.acknowledged', { at: answeredAt, of: 'the reply' });
    timeline.check(
      'acknowledged by the backup, by an encrypted reply',
      acknowledged.data.by === second.userId && acknowledged.data.strength === 'device',
    );

    timeline.heading('What must hold');
    // Beside them there are signs of life (service.heartbeat), some from before the service knew the secret.
    const reports = service.callbacks.filter((one) => one.type.startsWith('ticket.'));
    const statuses = reports.map((one) => one.type.replace('ticket.', ''));
    timeline.check('the service received every status in order', isInOrder(reports), statuses.join(', '));
    timeline.check(
      'every status was signed',
      reports.every((one) => one.isSigned),
    );
    timeline.check(
      'no status carried the text',
      service.callbacks.every((one) => !one.raw.includes(canary)),
    );
    await checkNowhere(hospital, timeline, canary, room);
    await checkAudit(timeline, hospital);
  } finally {
    for (const person of people) person.stop();
  }
}

async function told(
  service: AnsweringService,
  timeline: Timeline,
  type: string,
  since?: { at: number; of: string },
): Promise<Callback> {
  const callback = await service.waitFor(type, (one) => one.type === type);
  timeline.happened('answering service', `is told "${type}", signed`, callback.at, since);
  return callback;
}

/** Nothing is missing, nothing came twice or out of order; what people do may fall between the steps of the ladder. */
function isInOrder(callbacks: readonly Callback[]): boolean {
  const types = callbacks.map((one) => one.type.replace('ticket.', ''));
  const milestones = types.filter((type) => !['seen', 'renotified', 'escalated'].includes(type));
  const between = types.filter((type) => ['seen', 'renotified', 'escalated'].includes(type)).sort();
  return (
    milestones.join() === 'accepted,sent,delivered,acknowledged' &&
    between.join() === 'escalated,renotified,seen' &&
    callbacks.every((one, index) => one.data.sequence === index + 1)
  );
}
