/** Dispatch protocols as they are written in dispatch.yaml (data README, "Protocols"). */
import { z } from 'zod';
import { durationMs, isClockTime } from './times.ts';

/** What makes a refused key machine-readable: `issue.params.code` of zod's custom issues. */
export type ProtocolFaultCode =
  | 'bad-time'
  | 'bad-duration'
  | 'at-or-every'
  | 'repeat-without-step'
  | 'key-not-for-action'
  | 'phi-in-text'
  | 'not-an-acknowledgement'
  | 'ack-must-stop';

export const ACTIONS = ['room', 'renotify', 'todo', 'sms', 'voice', 'patch', 'report', 'digest'] as const;

const coded = (code: ProtocolFaultCode, message: string) => ({ error: message, params: { code } });

const duration = () =>
  z
    .string()
    .refine((text) => durationMs(text) !== null, coded('bad-duration', 'must be a number with a unit: 90s, 5m or 1h'));

const moment = () =>
  z
    .string()
    .refine(
      (text) => durationMs(text) !== null || isClockTime(text) || text === 'next_office_open',
      coded('bad-time', 'must be a duration (90s, 5m, 1h), a clock time ("07:30") or next_office_open'),
    );

/** Text for a telephone: Wardroom's own reference and the token may stand in it, a ticket's fields never (45 CFR 164.502(b)). */
const phoneText = () =>
  z
    .string()
    .min(1)
    .refine(
      (text) => placeholders(text).every((name) => name === 'ref' || name === 'n'),
      coded('phi-in-text', 'patient data in a text: only {ref} and {n} may stand here'),
    );

/** Text for an operator, sent in the status to the service: the protocol's own words, nothing of the ticket. */
const operatorText = () =>
  z
    .string()
    .min(1)
    .max(500)
    .refine(
      (text) => placeholders(text).length === 0,
      coded('phi-in-text', 'patient data in a to-do: no {field} may stand here'),
    );

const MAX_REPEATS = 500;
const MAX_STEPS = 100;

const stepSchema = z
  .strictObject({
    at: moment().optional(),
    every: duration().optional(),
    times: z.int().min(1).max(MAX_REPEATS).optional(),
    do: z.enum(ACTIONS),
    to: z.string().min(1).optional(),
    mention: z.boolean().optional(),
    text: operatorText().optional(),
    body: phoneText().optional(),
    ack: z.array(z.enum(['react', 'reply_token', 'mcr', 'file'])).optional(),
    else: z.literal('skip').optional(),
    hold_caller_max: duration().optional(),
  })
  .superRefine((step, context) => {
    const say = (path: string, code: ProtocolFaultCode, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { code } });
    if ((step.at === undefined) === (step.every === undefined))
      say('at', 'at-or-every', 'a step has either at or every');
    if ((step.every === undefined) !== (step.times === undefined))
      say('times', 'at-or-every', 'every and times belong together');
    if (step.every !== undefined && durationMs(step.every) === 0)
      say('every', 'bad-duration', 'must be longer than nothing');
    if (step.to === undefined && NEEDS_TARGET.has(step.do))
      say('to', 'key-not-for-action', `${step.do} needs to: whom it alerts`);
    for (const [key, actions] of Object.entries(ONLY_FOR)) {
      const given = step[key as keyof typeof step] !== undefined;
      if (given && !actions.includes(step.do)) say(key, 'key-not-for-action', `is for ${actions.join(' and ')} only`);
    }
  });

const NEEDS_TARGET: ReadonlySet<string> = new Set(['room', 'sms', 'voice', 'patch', 'report', 'digest']);
const ONLY_FOR: Readonly<Record<string, readonly string[]>> = {
  mention: ['room'],
  ack: ['room'],
  text: ['todo'],
  body: ['sms'],
  hold_caller_max: ['patch'],
};

const STOPS = ['ack', 'patched', 'closed_by_dispatcher'];
const stopSchema = z.string().superRefine((signal, context) => {
  if (STOPS.includes(signal)) return;
  const message = /^[a-z_]{1,32}$/.test(signal)
    ? `${signal} is not an acknowledgement: only ${STOPS.join(', ')} stop a ladder`
    : `only ${STOPS.join(', ')} stop a ladder`;
  context.addIssue({ code: 'custom', message, params: { code: 'not-an-acknowledgement' satisfies ProtocolFaultCode } });
});

/** One protocol. Strict: an unknown key or value is refused, since a step that is misread is a page that is not sent. */
export const protocolSchema = z.strictObject({
  steps: z
    .array(stepSchema)
    .min(1)
    .max(MAX_STEPS)
    .superRefine((steps, context) => {
      if (steps[0]?.every === undefined) return;
      const code: ProtocolFaultCode = 'repeat-without-step';
      context.addIssue({
        code: 'custom',
        path: [0, 'every'],
        message: 'there is no step before it to count from',
        params: { code },
      });
    }),
  stop_on: z
    .array(stopSchema)
    .refine(
      (signals) => signals.includes('ack'),
      coded('ack-must-stop', 'an acknowledgement always stops a ladder: ack must be listed'),
    )
    .optional(),
  caller_repeat_call: z
    .string()
    .refine(
      (text) => text.startsWith('restart_from_') && durationMs(text.slice('restart_from_'.length)) !== null,
      coded('bad-time', 'must be restart_from_ and a duration'),
    )
    .optional(),
});

export type Protocol = z.output<typeof protocolSchema>;
export type ProtocolStep = Protocol['steps'][number];

const placeholders = (text: string): string[] => [...text.matchAll(/\{([^{}]*)\}?/g)].map((match) => match[1]!);
