import { randomUUID } from 'node:crypto';
import express, { type Router } from 'express';
import { z } from 'zod';
import type { CarrierEvents, CarrierName, CarrierTextId } from '../../flows/texting/carrierPort.ts';
import type { Clock } from '../../kernel/clock.ts';
import { phoneNumber } from '../../kernel/ids.ts';
import { Phi } from '../../kernel/phi.ts';
import { type Behaviour, behaviours } from './behaviour.ts';
import { page } from './page.ts';
import type { Phones } from './phones.ts';

export interface LocalRoutesParts {
  readonly name: CarrierName;
  readonly clock: Clock;
  readonly lines: readonly string[];
  readonly phones: Phones;
  readonly behaviour: Behaviour;
  readonly events: CarrierEvents;
  readonly onFailure: (error: unknown) => void;
}

const LONGEST_BODY = '64kb';
const number = z.string().regex(/^\+[1-9]\d{6,14}$/);
/** In Twilio's words, or in ours. */
const inbound = z.union([
  z
    .object({
      From: number,
      To: number,
      Body: z.string().default(''),
      MessageSid: z.string().min(1).max(200).optional(),
    })
    .transform(({ From: from, To: to, Body: body, MessageSid: id }) => ({ from, to, body, id })),
  z.object({ from: number, to: number, body: z.string(), id: z.string().min(1).max(200).optional() }),
]);
/** What the carrier says became of a text of ours, at any time and as often as it likes. */
const report = z.object({
  id: z.string().min(1).max(200),
  state: z.enum(['queued', 'sent', 'delivered', 'failed', 'unknown']),
});

/**
 * What is under `/sms/CARRIER`: `POST inbound` is what a telephone sends (a form as Twilio's, or JSON), `GET phone` the page, `GET texts?phone=` what a
 * telephone shows, `POST behaviour` and `POST report` for tests. Nothing is signed: it is for this machine and for the embedded hospital.
 */
export function localRoutes({ name, clock, lines, phones, behaviour, events, onFailure }: LocalRoutesParts): Router {
  const router = express.Router();
  router.use((request, response, next) => {
    const address = request.socket.remoteAddress ?? '';
    if (/^(::ffff:)?127\.|^::1$/.test(address)) return next();
    response.status(403).end();
  });
  router.use(express.urlencoded({ extended: false, limit: LONGEST_BODY }), express.json({ limit: LONGEST_BODY }));

  router.post('/inbound', async (request, response) => {
    const read = inbound.safeParse(request.body);
    if (!read.success) return void response.status(400).end();
    const { from, to, body, id = `local-${randomUUID()}` } = read.data;
    try {
      await events.received(name, {
        carrierId: id as CarrierTextId,
        from: phoneNumber(from),
        to: phoneNumber(to),
        body: new Phi(body),
        media: [],
        optOut: null,
        sentAt: null,
      });
    } catch (error) {
      onFailure(error);
      return void response.status(503).set('Retry-After', '5').end();
    }
    phones.show(from, { id, at: new Date(clock.now()).toISOString(), direction: 'out', line: to, body });
    response.status(200).type('text/xml').send('<?xml version="1.0" encoding="UTF-8"?><Response/>');
  });

  router.post('/report', async (request, response) => {
    const read = report.safeParse(request.body);
    if (!read.success) return void response.status(400).end();
    const { id, state } = read.data;
    const carrierId = id as CarrierTextId;
    try {
      await events.reported(name, { carrierId, alsoKnownAs: [], state, carrierCode: null, refusal: null });
    } catch (error) {
      onFailure(error);
      return void response.status(503).set('Retry-After', '5').end();
    }
    response.status(204).end();
  });

  router.get('/texts', (request, response) => {
    const of = z.string().safeParse(request.query.phone);
    response.json(of.success ? { texts: phones.of(of.data) } : { phones: phones.numbers() });
  });

  router.post('/behaviour', (request, response) => {
    const read = behaviours.safeParse(request.body);
    if (!read.success) return void response.status(400).end();
    behaviour.set(read.data);
    response.status(204).end();
  });

  router.get('/phone', (_request, response) => {
    const { html, policy } = page(lines);
    response.set('Content-Security-Policy', policy).type('html').send(html);
  });
  return router;
}
