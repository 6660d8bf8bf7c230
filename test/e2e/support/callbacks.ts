import type { Callback } from '../../../src/dev/demo/answeringService.ts';

export interface ToldLine {
  readonly sequence: number;
  readonly status: string;
}

/** What the service was told of each ticket, repetitions of the same callback left out, in the order of the first arrival. */
export function toldOnce(callbacks: readonly Callback[]): ReadonlyMap<string, readonly ToldLine[]> {
  const seen = new Set<string>();
  const byTicket = new Map<string, ToldLine[]>();
  for (const { headers, data, type } of callbacks) {
    const id = headers['webhook-id'] ?? '';
    if (seen.has(id)) continue;
    seen.add(id);
    const ticket = String(data.ticket_id);
    const line = { sequence: Number(data.sequence), status: type.replace('ticket.', '') };
    byTicket.set(ticket, [...(byTicket.get(ticket) ?? []), line]);
  }
  return byTicket;
}
