/** The keys of `config/policy.yaml`. Their shape belongs to the policy; a file may leave out whatever is built in. */
import { z } from 'zod';
import { classSchema, policyShape } from '../../policy/policySchema.ts';
import { slug } from '../../policy/values.ts';

export { policyShape };

const { roles, classes, commands, ...rest } = policyShape;

/** What a file may hold, for editors: of a class that is built in, only what differs. */
export const policyFileShape = {
  ...rest,
  roles: z
    .record(slug(), roles.valueType.partial())
    .optional()
    .describe(roles.description ?? ''),
  classes: z
    .record(slug(), classSchema.partial())
    .optional()
    .describe(classes.description ?? ''),
  commands: commands.optional(),
};

export const policyFileSchema = z.strictObject(policyFileShape);
