/** Who should hold what, as others write it: lists (CSV) and documents (JSON). */
import { err, ok, type Result } from '../kernel/result.ts';
import { type ListFault, readList } from './csvRows.ts';
import type { RoleRow } from './importRoles.ts';
import type { InvalidField } from './ticketApi.ts';

/** More roles has nobody. */
export const MOST_ROLES = 100;

/**
 * CSV (RFC 4180) with a header that names the columns `user`, `role` and, if there is one, `until` (the last day, 2027-06-30; empty: until it is
 * revoked).
 */
export function readRoleList(csv: string): Result<readonly RoleRow[], ListFault> {
  const rows = readList(csv, ['user', 'role']);
  if (!rows.ok) return rows;
  return ok(
    rows.value.map(({ place, values: { user = '', role = '', until = '' } }) => ({
      place,
      user,
      role,
      until: until === '' ? null : until,
    })),
  );
}

/** `{"roles": [{"role": "physician", "until": "2027-06-30"}, ...]}` for one person; `until` missing or null: until it is revoked. */
export function readRoleDocument(user: string, document: unknown): Result<readonly RoleRow[], readonly InvalidField[]> {
  if (!isObject(document)) return err([{ path: '', code: 'not-an-object' }]);
  const errors: InvalidField[] = Object.keys(document)
    .filter((key) => key !== 'roles')
    .slice(0, 1)
    .map(() => ({ path: '', code: 'unknown-field' }));
  const { roles } = document;
  if (!Array.isArray(roles))
    return err([...errors, { path: '/roles', code: roles === undefined ? 'missing' : 'not-a-list' }]);
  if (roles.length > MOST_ROLES) return err([{ path: '/roles', code: 'too-many' }]);
  const rows = roles.map((one: unknown, index): RoleRow | null => {
    const place = `/roles/${index}`;
    if (!isObject(one)) return fault(errors, place, 'not-an-object');
    const { role, until = null, ...others } = one;
    if (Object.keys(others).length > 0) return fault(errors, place, 'unknown-field');
    if (typeof role !== 'string')
      return fault(errors, `${place}/role`, role === undefined ? 'missing' : 'not-a-string');
    if (until !== null && typeof until !== 'string') return fault(errors, `${place}/until`, 'not-a-string');
    return { place, user, role, until };
  });
  return errors.length > 0 ? err(errors) : ok(rows.filter((row) => row !== null));
}

function fault(errors: InvalidField[], path: string, code: string): null {
  errors.push({ path, code });
  return null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
