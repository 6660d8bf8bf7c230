/** timelines.yaml as a hospital can live it: every timeline has an account of its own, with the schedule and protocols of the data. */
import { oncall, type Timeline, ticketById, timelines } from '../../tickets/fixtures.ts';

type Tree = Record<string, Record<string, unknown>>;

const ticketOf = (timeline: Timeline): Record<string, unknown> => ticketById(timeline.ticket);

/** The account in the data, e.g. `LARK-CARD`. */
export const dataAccount = (timeline: Timeline): string => String(ticketOf(timeline).account);
/** The copy of it that belongs to this timeline. */
export const accountOf = (timeline: Timeline): string => `${dataAccount(timeline)}-${timeline.id}`;
export const serviceOf = (timeline: Timeline): string => String(ticketOf(timeline).service ?? 'nightjar');

/** A ticket of the data as this timeline's account gets it: several timelines are about the same one. */
export function ticketFor(timeline: Timeline, id: string): Record<string, unknown> & { readonly id: string } {
  const ticket = ticketById(id);
  const own = (name: unknown) => `${String(name)}.${timeline.id}`;
  return {
    ...ticket,
    id: own(ticket.id),
    account: accountOf(timeline),
    ...(ticket.relates_to === undefined ? {} : { relates_to: own(ticket.relates_to) }),
  };
}

/** oncall.yaml with the accounts copied. */
export function dispatchOfTimelines(): object {
  const { broken_protocols: _, ...data } = structuredClone(oncall) as Tree;
  const [practices, protocols]: [Tree[string], Tree[string]] = [{}, {}];
  const accounts = new Map(Object.keys(data.services ?? {}).map((service) => [service, [] as string[]]));
  for (const timeline of timelines) {
    const [from, to] = [dataAccount(timeline), accountOf(timeline)];
    accounts.get(serviceOf(timeline))?.push(to);
    if (data.practices?.[from] !== undefined) practices[to] = data.practices[from];
    for (const [name, protocol] of Object.entries(data.protocols ?? {}))
      if (name.startsWith(`${from}/`)) protocols[name.replace(from, to)] = protocol;
  }
  for (const [name, protocol] of Object.entries(data.protocols ?? {}))
    if (name.startsWith('SITE-DEFAULT/')) protocols[name] = protocol;
  const services = Object.fromEntries(
    Object.entries(data.services ?? {}).map(([name, service]) => [
      name,
      { ...(service as object), accounts: accounts.get(name) },
    ]),
  );
  return { ...data, services, practices, protocols };
}

interface Step {
  readonly do: string;
  readonly to?: string;
}

/** The steps of the protocol that the timeline names. */
export function stepsOf(timeline: Timeline): readonly Step[] {
  const protocol = (oncall.protocols as Tree | undefined)?.[timeline.protocol];
  if (protocol === undefined) throw new Error(`no protocol ${timeline.protocol}`);
  return protocol.steps as unknown as readonly Step[];
}

/** Positions in the protocol of the steps that do this, to whom. */
export const stepNumbers = (timeline: Timeline, action: string, to?: string): readonly number[] =>
  stepsOf(timeline).flatMap((step, index) =>
    step.do === action && (to === undefined || step.to === to) ? [index] : [],
  );
