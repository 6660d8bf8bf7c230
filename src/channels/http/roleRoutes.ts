import { type Response, Router } from 'express';
import type { RolesApi, RolesOutcome } from '../../flows/rolesApi.ts';
import { sendProblem } from './problem.ts';
import { single, yesOrNo } from './query.ts';
import { readCsv, readJson } from './readJson.ts';

/** The policy is looked at again every second. */
const RETRY_SECONDS = 5;

/** `/api/v1/roles` (docs/roles-api.md). */
export function roleRoutes(roles: RolesApi): Router {
  const router = Router({ caseSensitive: true });

  router.get('/', async (request, response) => {
    const role = single(request, 'role', () => true);
    if (role.errors.length > 0) return sendProblem(response, 'invalid', { errors: role.errors });
    answer(response, await roles.list(role.value));
  });

  router.get('/:user_id', async (request, response) => answer(response, await roles.show(request.params.user_id)));

  router.put('/:user_id', readJson, async (request, response) => {
    const dryRun = yesOrNo(request, 'dry_run');
    if (dryRun.errors.length > 0) return sendProblem(response, 'invalid', { errors: dryRun.errors });
    answer(response, await roles.put(String(request.params.user_id), request.body, dryRun.value));
  });

  router.post('/import', readCsv, async (request, response) => {
    const [dryRun, prune] = [yesOrNo(request, 'dry_run'), yesOrNo(request, 'prune')];
    const errors = [...dryRun.errors, ...prune.errors];
    if (errors.length > 0) return sendProblem(response, 'invalid', { errors });
    answer(response, await roles.import(request.body as string, { dryRun: dryRun.value, prune: prune.value }));
  });

  return router;
}

function answer(response: Response, outcome: RolesOutcome<unknown>): void {
  if (outcome.kind === 'done') response.json(outcome.value);
  else if (outcome.kind === 'refused') sendProblem(response, 'invalid', { errors: outcome.errors });
  else sendProblem(response, 'policy-unreadable', { retryAfterSeconds: RETRY_SECONDS });
}
