/** What an identity system may ask of Wardroom about roles, and what it is told (docs/roles-api.md). Shapes are those of the JSON. */
import type { RoleDiff } from './importRoles.ts';
import type { InvalidField } from './ticketApi.ts';

/** A role that a person holds. */
export interface ShownRole {
  readonly role: string;
  /** The last day, in the policy's time zone, as it is sent; null: until it is revoked. */
  readonly until: string | null;
  /** RFC 3339: by when somebody has to confirm it. */
  readonly review_by: string;
  readonly overdue: boolean;
  /** Who gave it: a Matrix id, or what did it for them (`api:roles`, `configuration`). */
  readonly by: string;
  /** It opens Wardroom itself: two administrators give it, this interface leaves it alone. */
  readonly privileged: boolean;
}

export interface PersonRoles {
  readonly user_id: string;
  readonly roles: readonly ShownRole[];
}

/** What was changed for a person, or would be. */
export interface ChangedPerson extends PersonRoles {
  readonly granted: readonly { readonly role: string; readonly until: string | null }[];
  readonly revoked: readonly { readonly role: string }[];
  readonly unchanged: number;
  /** False: it was only shown. */
  readonly done: boolean;
}

export type ImportedRoles = Omit<RoleDiff, 'refused'>;

export type RolesOutcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** Nothing was changed. `path`: a JSON pointer, or `line 2` of a list. */
  | { readonly kind: 'refused'; readonly errors: readonly InvalidField[] }
  /** No policy can be read just now, so nothing can be decided. */
  | { readonly kind: 'no-policy' };

export interface RolesApi {
  /** Everybody's, or whoever holds this role. */
  list(role: string | null): Promise<RolesOutcome<{ readonly people: readonly PersonRoles[] }>>;
  show(user: string): Promise<RolesOutcome<PersonRoles>>;
  /** `document` is whatever JSON arrived: all that the person is to hold, beside roles that open Wardroom itself. */
  put(user: string, document: unknown, dryRun: boolean): Promise<RolesOutcome<ChangedPerson>>;
  /** A list of people and roles, CSV. */
  import(
    csv: string,
    options: { readonly dryRun: boolean; readonly prune: boolean },
  ): Promise<RolesOutcome<ImportedRoles>>;
}
