import { inspectOwner } from '../../postgres/inspectOwner.ts';
import { ownerUrl } from '../database.ts';
import { type Check, fault, well } from './finding.ts';

/** The role that migrates: it can, and it is another one than the service's (design decision 15). */
export const owner: Check = async ({ config, place, database }) => {
  if (database === null) return [];
  const url = ownerUrl(config);
  if (url === null) return [well('database-owner', 'no role that migrates is named here: migrations run elsewhere')];
  const where = place(config.database.owner_url_file === undefined ? 'database.owner_url' : 'database.owner_url_file');
  const wrong = (what: string, remedy: string) => [fault('database-owner', what, `${remedy}: ${where}`)];
  const looked = await inspectOwner(url.reveal());
  if (!looked.ok)
    return wrong(`the role that migrates cannot connect (${looked.code})`, 'correct its URL, or leave it out');
  const { role, place: there, mayMigrate, mayHandOver } = looked.facts;
  if (there !== database.place)
    return wrong(`${role} connects to another database than the service`, 'name the same host, port and database');
  if (role === database.role)
    return wrong(`${role} both migrates and runs the service: it could rewrite the audit log`, 'use two roles');
  if (!mayMigrate) return wrong(`${role} does not own the schema wardroom`, 'connect as the owner of the database');
  if (mayHandOver !== true)
    return wrong(`${role} is no member of wardroom_service`, `run as a superuser: GRANT wardroom_service TO ${role}`);
  return [well('database-owner', `${role} can migrate`)];
};
