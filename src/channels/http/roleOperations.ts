import { type Json, json, refusals, schema } from './openapiParts.ts';
import { changedPerson, importedRoles, personRoles, roleDocument, roleList } from './roleSchemas.ts';

/** Another token than the answering services'. */
const security: Json[] = [{ rolesToken: [] }];

const user: Json = {
  name: 'user_id',
  in: 'path',
  required: true,
  description: 'A Matrix id, percent-encoded',
  schema: { type: 'string' },
};
const flag = (name: string, description: string): Json => ({
  name,
  in: 'query',
  description,
  schema: { enum: ['', 'true', 'false'] },
});
const dryRun = flag('dry_run', 'Answer what would change, and change nothing');

const listRoles: Json = {
  operationId: 'listRoles',
  summary: 'Who holds which role now',
  security,
  parameters: [
    { name: 'role', in: 'query', description: 'Whoever holds this one; empty: all', schema: { type: 'string' } },
  ],
  responses: { 200: { description: 'By person', content: json('RoleList') }, ...refusals(401, 422, 429, 503) },
};

const showRoles: Json = {
  operationId: 'showRoles',
  summary: 'What a person holds now',
  security,
  parameters: [user],
  responses: {
    200: { description: 'Perhaps nothing', content: json('PersonRoles') },
    ...refusals(400, 401, 404, 422, 429, 503),
  },
};

const setRoles: Json = {
  operationId: 'setRoles',
  summary: 'Say all that a person is to hold',
  description:
    'What is not held is granted, what is held and not named is revoked, at once: all of it or nothing. The same again changes nothing.',
  security,
  parameters: [user, dryRun],
  requestBody: { required: true, content: json('RoleDocument') },
  responses: {
    200: { description: 'What was changed, and what is held then', content: json('ChangedPerson') },
    ...refusals(400, 401, 404, 413, 415, 422, 429, 503),
  },
};

const importRoles: Json = {
  operationId: 'importRoles',
  summary: 'Bring roles in step with a list',
  description:
    'The same as `wardroom role import`: all of it or nothing, CSV with the columns user, role and until. In `errors` the path is the line, `line 2`.',
  security,
  parameters: [dryRun, flag('prune', 'Whoever holds a role that is not in the list loses it')],
  requestBody: { required: true, content: { 'text/csv': { schema: { type: 'string' } } } },
  responses: {
    200: { description: 'What was changed', content: json('ImportedRoles') },
    ...refusals(400, 401, 413, 415, 422, 429, 503),
  },
};

/** What the document says of `/api/v1/roles`, where it is served. */
export const rolePaths: Json = {
  '/api/v1/roles': { get: listRoles },
  '/api/v1/roles/import': { post: importRoles },
  '/api/v1/roles/{user_id}': { get: showRoles, put: setRoles },
};

export const roleComponents: Json = {
  RoleDocument: schema(roleDocument, 'input'),
  PersonRoles: schema(personRoles, 'output'),
  RoleList: schema(roleList, 'output'),
  ChangedPerson: schema(changedPerson, 'output'),
  ImportedRoles: schema(importedRoles, 'output'),
};

export const rolesSecurity: Json = {
  rolesToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'The token of the identity system: SECRETS_DIR/roles-api.token',
  },
};
