/** The policy's door: what other parts may import. */
export {
  type AgreementState,
  type AgreementWarning,
  agreementPhase,
  agreementState,
  agreementWarnings,
  type CoverageState,
  coverageState,
  isPartner,
  type KeptAgreement,
  nextAgreementChange,
  partnersOf,
} from './agreements.ts';
export {
  type ActivityFact,
  ANOMALY_WINDOW_MS,
  anomalyTitle,
  type Draft,
  findAnomalies,
} from './anomalies/index.ts';
export { type Correction, type CorrectionKind, faultKey, type Step } from './correction.ts';
export { decide } from './decide.ts';
export { type Difference, differences, settingAt } from './differences.ts';
export {
  type BreakGlass,
  type BreakGlassEvent,
  breakGlassName,
  type EmergencyAccess,
  foldBreakGlass,
  hasEmergencyAccess,
  opensNow,
  type Past,
  reviewChaseDue,
} from './emergency.ts';
export {
  couldRead,
  type KeyHolder,
  type Reader,
  type RoomReaders,
  type RoomRecord,
  type Stay,
} from './incidents/couldRead.ts';
export { daysLeft, lastDay, type Notification, notifications, reminderDue } from './incidents/deadline.ts';
export { type Factor, factors, type Level, levels } from './incidents/factors.ts';
export {
  type Decision,
  foldIncident,
  type Happened,
  type Incident,
  type IncidentEvent,
  type IncidentFacts,
  type IncidentState,
  incidentName,
  incidentNumber,
  isRunning,
  type KeptIncidentEvent,
  missingFactors,
} from './incidents/incident.ts';
export { membersAreTold } from './membersAreTold.ts';
export { type MirroredSpace, planMirror, spaceForUs, spaceKey } from './mirror.ts';
export { neededSpaces } from './neededSpaces.ts';
export { type NewRoom, newRoom, roomNameOf } from './newRoom.ts';
export { nextChange } from './nextChange.ts';
export type { Membership, ObservedRoom, StateEvent } from './observedRoom.ts';
export { plan } from './plan.ts';
export { agreementFindings, type PolicyFinding } from './policyFindings.ts';
export {
  type Agreement,
  type Coverage,
  EVERYONE,
  type Oversight,
  type Policy,
  type PolicyDocument,
  type RoomClass,
  type Texting,
} from './policySchema.ts';
export { changePolicy, type PlacedFinding, parsePolicy, type ReadPolicy, readPolicy } from './readPolicy.ts';
export { judgeRecall, type RecallFacts } from './recall.ts';
export type { Facts, PolicyRequest, RequestKind, RoomSubject, Training } from './request.ts';
export {
  covers,
  foldHolds,
  type Hold,
  type HoldEvent,
  type HoldScope,
  holdsInForce,
  isHoldInForce,
  touchesRoom,
} from './retention/holds.ts';
export {
  DIRECT,
  explainRetention,
  holdsOver,
  type Limits,
  limitsOf,
  type RetainedMessage,
  type RetainedRoom,
  type RetentionFacts,
  type RetentionRule,
  type RetentionVerdict,
} from './retention/retention.ts';
export { type ActivityCount, groupsOf, NOT_KNOWN, type ReviewGroup, type ReviewSummary } from './review/summary.ts';
export { beginning, chaseDue, periodDue, type ReviewPeriod } from './review/weeks.ts';
export { grantsOfSpace, newSpace, planSpace, type RoleSpaceFacts, spaceMembers } from './roleSpace.ts';
export {
  endOfDay,
  foldGrants,
  type Grant,
  type GrantFault,
  grantRole,
  isInForce,
  nextRoleChange,
  privilegedRoles,
  type Review,
  type RoleEvent,
  reviewRole,
  roleReview,
  rolesOf,
  whoHolds,
} from './roles.ts';
export type { Rule, Violation } from './rule.ts';
export { isOurs, serverOf } from './subjects.ts';
export {
  type Accepted,
  type Demand,
  demands,
  foldAccepted,
  foldTraining,
  type Lacking,
  lackingFor,
  type TrainingEvent,
} from './training/training.ts';
export type { ManagedRoom, RoleSpace, RoomFacts } from './upkeepRule.ts';
export { addDays, dayAt, durationMs, isDate } from './values.ts';
export { type Weakening, weakens } from './weakens.ts';
