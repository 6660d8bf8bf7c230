/** Where a test may end the process, in the order in which a ticket passes them. */
export const ticketCrashPoints = [
  'change.before_commit',
  'accept.committed',
  'post.encrypted',
  'post.stored',
  'post.sent',
  'post.recorded',
  'report.sent',
  'inbox.committed',
  'inbox.handled',
] as const;

/** All named points. */
export const crashPoints = [
  ...ticketCrashPoints,
  'recall.decided',
  'retention.marked',
  'retention.purging',
  'retention.purged',
  'retention.redacted',
  'breakglass.granted',
  'breakglass.reading',
  'breakglass.ended',
  'breakglass.closing',
  'text.received',
  'text.encrypted',
  'text.posted',
  'text.handing',
  'text.handed_over',
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** Named points where a test may end the process (kill -9). Does nothing in production. */
export interface CrashPoints {
  reach(name: CrashPoint): void;
}
