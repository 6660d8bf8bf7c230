/** The shapes of `/api/v1/roles` as zod schemas: the source of its OpenAPI description, and what the contract tests hold answers against. */
import { z } from 'zod';

const day = () => z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const instant = () => z.iso.datetime({ offset: true });
const name = () => z.string().describe('Name of a role of the policy');
const until = () => day().nullable().describe("The last day, in the policy's time zone; null: until it is revoked");
const userId = () => z.string().describe('Matrix id');

export const roleDocument = z
  .strictObject({
    roles: z
      .array(z.strictObject({ role: name(), until: until().optional() }))
      .max(100)
      .describe(
        'What is held and not in here is revoked; roles that open Wardroom itself are left alone and may not be named',
      ),
  })
  .describe('All roles that a person is to hold');

const shownRole = z.strictObject({
  role: name(),
  until: until(),
  review_by: instant().describe('By when somebody has to confirm it'),
  overdue: z.boolean(),
  by: z.string().describe('Who gave it: a Matrix id, or what did it for them (api:roles, configuration)'),
  privileged: z
    .boolean()
    .describe('It opens Wardroom itself: two administrators give it, this interface leaves it alone'),
});

export const personRoles = z.strictObject({ user_id: userId(), roles: z.array(shownRole) });

export const roleList = z.strictObject({ people: z.array(personRoles) });

const done = () => z.boolean().describe('False: a dry run, nothing was changed');

export const changedPerson = z.strictObject({
  user_id: userId(),
  granted: z.array(z.strictObject({ role: name(), until: until() })),
  revoked: z.array(z.strictObject({ role: name() })),
  unchanged: z.int().min(0),
  done: done(),
  roles: z.array(shownRole).describe('What the person holds then'),
});

export const importedRoles = z.strictObject({
  granted: z.array(z.strictObject({ user_id: userId(), role: name(), until: until() })),
  revoked: z.array(z.strictObject({ user_id: userId(), role: name() })),
  unchanged: z.int().min(0),
  done: done(),
});
