import { Router } from 'express';
import type { TicketApi } from '../../flows/ticketApi.ts';
import { ticketId } from '../../kernel/ids.ts';
import type { TicketState } from '../../tickets/ticket.ts';
import { sendProblem } from './problem.ts';
import { single } from './query.ts';
import { readJson } from './readJson.ts';
import { CURSOR, STATES, TICKET_ID } from './schemas.ts';
import { serviceOf } from './service.ts';

const isState: ReadonlySet<string> = new Set(STATES);

/** `/api/v1/tickets` (contract.md, "HTTP API"). */
export function ticketRoutes(tickets: TicketApi): Router {
  const router = Router({ caseSensitive: true });

  router.post('/', readJson, async (request, response) => {
    const outcome = await tickets.admit(serviceOf(response), request.body);
    switch (outcome.kind) {
      case 'accepted':
        response.status(outcome.duplicate ? 200 : 202).location(`${request.baseUrl}/${outcome.ticket.ticket_id}`);
        return void response.json(outcome.ticket);
      case 'busy':
        return sendProblem(response, 'unavailable', { retryAfterSeconds: outcome.retryAfterSeconds });
      case 'refused':
        if (outcome.reason === 'account') return sendProblem(response, 'account-refused');
        return sendProblem(response, 'invalid', { errors: outcome.errors });
    }
  });

  router.get('/', async (request, response) => {
    const state = single(request, 'state', (text) => text === 'open' || isState.has(text));
    const cursor = single(request, 'cursor', (text) => CURSOR.test(text));
    const errors = [...state.errors, ...cursor.errors];
    if (errors.length > 0) return sendProblem(response, 'invalid', { errors });
    const page = await tickets.list(serviceOf(response), {
      state: state.value as 'open' | TicketState | null,
      cursor: cursor.value,
    });
    response.json({ tickets: page.tickets, next: page.next });
  });

  router.get('/:ticket_id', async (request, response) => {
    const id = request.params.ticket_id;
    const detail = TICKET_ID.test(id) ? await tickets.show(serviceOf(response), ticketId(id)) : null;
    if (detail === null) return sendProblem(response, 'not-found');
    response.json(detail);
  });

  router.post('/:ticket_id/events', readJson, async (request, response) => {
    const id = String(request.params.ticket_id);
    if (!TICKET_ID.test(id)) return sendProblem(response, 'not-found');
    const outcome = await tickets.tell(serviceOf(response), ticketId(id), request.body);
    if (outcome.kind === 'done') return void response.json(outcome.ticket);
    switch (outcome.reason) {
      case 'not-found':
        return sendProblem(response, 'not-found');
      case 'closed':
        return sendProblem(response, 'ticket-closed');
      case 'id-reused':
        return sendProblem(response, 'id-reused');
      case 'invalid':
        return sendProblem(response, 'invalid', { errors: outcome.errors });
    }
  });

  return router;
}
