/** The keys of `config/dispatch.yaml`: what answering services, practices, people and protocols there are. */
import { z } from 'zod';

export const dispatchShape = {
  site: z
    .looseObject({ default_oncall: z.array(z.string()).default([]), default_protocol: z.string().optional() })
    .prefault({}),
  services: z
    .record(
      z.string(),
      z.looseObject({
        accounts: z.array(z.string()),
        callback_url: z.string().optional(),
        replies: z.enum(['text', 'flag']).default('text'),
      }),
    )
    .default({}),
  practices: z.record(z.string(), z.looseObject({})).default({}),
  people: z.record(z.string(), z.looseObject({ mxid: z.string() })).default({}),
  protocols: z.record(z.string(), z.looseObject({})).default({}),
  broken_protocols: z.unknown().optional(),
};

export const dispatchSchema = z.strictObject(dispatchShape);
export type Dispatch = z.output<typeof dispatchSchema>;
