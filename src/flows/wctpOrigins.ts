import { BoundedMap } from '../kernel/boundedMap.ts';
import type { TicketId } from '../kernel/ids.ts';
import type { ServicePolicy } from './ticketFlow.ts';
import type { WctpOrigin, WctpRead } from './wctpPort.ts';

/** Tickets of which it is known how they came: more than are open at once. */
const MOST_TICKETS = 20_000;

const known = new WeakMap<ServicePolicy, BoundedMap<WctpOrigin | null>>();

const mapOf = (services: ServicePolicy): BoundedMap<WctpOrigin | null> => {
  const map = known.get(services) ?? new BoundedMap<WctpOrigin | null>(MOST_TICKETS);
  known.set(services, map);
  return map;
};

/** How a ticket came never changes: asked for once, so that tickets that came otherwise cost nothing for those that came by WCTP. */
export async function wctpOrigin(
  services: ServicePolicy,
  { wctp }: { readonly wctp: WctpRead },
  id: TicketId,
): Promise<WctpOrigin | null> {
  const map = mapOf(services);
  const remembered = map.get(id);
  return remembered === undefined ? map.put(id, await wctp.originOf(id)) : remembered;
}

export const rememberOrigin = (services: ServicePolicy, id: TicketId, origin: WctpOrigin | null): void =>
  void mapOf(services).put(id, origin);
