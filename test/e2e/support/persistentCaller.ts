import { postTicket } from '../../../src/dev/demo/answeringService.ts';
import type { Ward } from './ward.ts';

export interface Taken {
  readonly externalId: string;
  readonly ticketId: string;
  readonly status: number;
}

/** How long an answering service waits before it sends again what was not answered. */
const RETRY_MS = 50;

/**
 * An answering service that loses nothing: it sends the same ticket again until it is answered 202 or 200, as after a lost
 * connection or a 503 it must. Any other answer is an error.
 */
export async function postUntilTaken(ward: Ward, ticket: { readonly id: string }): Promise<Taken> {
  for (;;) {
    const answer = await postTicket(ward.hospital.api_url, ward.service('nightjar').token, ticket).catch(() => null);
    if (answer?.status === 202 || answer?.status === 200)
      return { externalId: ticket.id, ticketId: String(answer.body.ticket_id), status: answer.status };
    if (answer && answer.status !== 503) throw new Error(`answered ${answer.status} ${JSON.stringify(answer.body)}`);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}
