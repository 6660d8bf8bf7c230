import { type Response, Router } from 'express';
import type { ReminderOutcome, RemindersApi } from '../../flows/texting/remindersApi.ts';
import { sendProblem } from './problem.ts';
import { readJson } from './readJson.ts';

/** The policy is looked at again every second. */
const RETRY_SECONDS = 5;

/** `/api/v1/reminders` (docs/reminders.md). */
export function reminderRoutes(reminders: RemindersApi): Router {
  const router = Router({ caseSensitive: true });

  router.post('/', readJson, async (request, response) => answer(response, await reminders.submit(request.body)));

  router.get('/:id', async (request, response) => {
    const found = await reminders.show(request.params.id);
    if (found === null) return sendProblem(response, 'not-found');
    response.json(found);
  });

  return router;
}

function answer(response: Response, outcome: ReminderOutcome): void {
  if (outcome.kind === 'taken') {
    if (outcome.isNew) response.set('Location', `/api/v1/reminders/${outcome.reminder.id}`);
    response.status(outcome.isNew ? 202 : 200).json(outcome.reminder);
  } else if (outcome.kind === 'id-reused') sendProblem(response, 'reminder-id-reused');
  else if (outcome.kind === 'refused') sendProblem(response, 'invalid', { errors: outcome.errors });
  else sendProblem(response, 'policy-unreadable', { retryAfterSeconds: RETRY_SECONDS });
}
