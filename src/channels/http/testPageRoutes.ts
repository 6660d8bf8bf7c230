import { Router } from 'express';
import type { TicketApi } from '../../flows/ticketApi.ts';
import { perMinute } from './authenticated.ts';
import { sendProblem } from './problem.ts';
import { serviceOf } from './service.ts';

/** Test pages that one service may send to one account in a minute. */
const TESTS_PER_MINUTE = 6;

/** `/api/v1/accounts/{id}/test` (OpenAPI, `sendTestPage`). A body is not looked at. */
export function testPageRoutes(tickets: TicketApi): Router {
  const router = Router({ caseSensitive: true });
  const limit = perMinute(TESTS_PER_MINUTE, (request, response) => `${serviceOf(response)} ${request.params.account}`);
  router.post('/:account/test', limit, async (request, response) => {
    const outcome = await tickets.test(serviceOf(response), String(request.params.account));
    if (outcome.kind === 'accepted') {
      response.status(202).location(`/api/v1/tickets/${outcome.ticket.ticket_id}`);
      return void response.json(outcome.ticket);
    }
    if (outcome.kind === 'busy')
      return sendProblem(response, 'unavailable', { retryAfterSeconds: outcome.retryAfterSeconds });
    sendProblem(response, 'account-refused');
  });
  return router;
}
