/** The policy's door: what other parts may import. */
export { agreementFindings, type PolicyFinding } from './policyFindings.ts';
export {
  type Agreement,
  type Coverage,
  EVERYONE,
  type Policy,
  type PolicyDocument,
  type RoomClass,
} from './policySchema.ts';
export { changePolicy, type PlacedFinding, parsePolicy, type ReadPolicy, readPolicy } from './readPolicy.ts';
export { durationMs } from './values.ts';
