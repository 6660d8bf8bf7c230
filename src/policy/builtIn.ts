/**
 * The policy that holds where nothing else is said; `config/policy.yaml` is the same with comments. A file of the hospital's own is laid over
 * it: of a class or role that is named here, only what the file sets is changed.
 */
import { EVERYONE, type PolicyDocument } from './policySchema.ts';

/** Who treats patients. */
const clinicians = ['physician', 'nurse', 'pharmacist', 'therapist', 'social-worker', 'psychiatry'];

export const builtIn: PolicyDocument = {
  roles: {
    physician: { title: 'Physician' },
    nurse: { title: 'Nurse' },
    pharmacist: { title: 'Pharmacist' },
    therapist: { title: 'Therapist' },
    'social-worker': { title: 'Social worker' },
    psychiatry: { title: 'Psychiatry and substance use treatment' },
    billing: { title: 'Billing' },
    'front-desk': { title: 'Front desk and scheduling' },
    operator: { title: 'Operator of an answering service' },
    manager: { title: 'Manager of a practice or unit' },
    'privacy-officer': { title: 'Privacy officer' },
    'security-officer': { title: 'Security officer' },
    admin: { title: 'Administrator of Wardroom' },
  },
  classes: {
    'on-call': {
      title: 'On-call',
      roles: [...clinicians, 'operator'],
      excluded_roles: ['billing'],
      federation: 'coverage',
      join: 'invite',
      told: 'Pages of an answering service. Who reads and acknowledges is recorded and told to the service.',
    },
    clinical: {
      title: 'Clinical',
      roles: clinicians,
      excluded_roles: ['billing'],
      membership: 'automatic',
      federation: 'agreement',
      history_visibility: 'invited',
      told: 'Talk of the care team about patients. Who was in this room and when is recorded.',
    },
    billing: {
      title: 'Billing',
      roles: ['billing'],
      membership: 'automatic',
      told: 'Accounts and claims: no more about a patient than the claim needs.',
    },
    consult: {
      title: 'Consult',
      roles: clinicians,
      excluded_roles: ['billing'],
      federation: 'agreement',
      retention: { max_age: '14d', cross_org: 'min_of_both' },
      told: 'A consult with another hospital: its homeserver keeps a copy under its own rules.',
    },
    'patient-text': {
      title: 'Texts',
      roles: ['physician', 'nurse', 'pharmacist', 'social-worker', 'front-desk'],
      excluded_roles: ['billing'],
      naming: 'opaque',
      told: 'What is written here may leave as a text to the patient, unencrypted, if the patient agreed to it.',
    },
    announcement: {
      title: 'Announcements',
      phi: false,
      roles: [EVERYONE],
      membership: 'automatic',
      history_visibility: 'shared',
      post: ['manager', 'privacy-officer', 'security-officer', 'admin'],
      retention: { max_age: '366d' },
      told: 'Announcements: nothing about patients.',
    },
    'restricted-42cfr2': {
      title: 'Restricted',
      roles: ['psychiatry'],
      excluded_roles: ['billing'],
      naming: 'opaque',
      encryption: { messages: 50, period: '1d' },
      retention: { max_age: '7d' },
      recall: '5m',
      // 42 CFR 2.51 (medical emergencies) is for people to decide, and to document.
      break_glass: { longest: '0m' },
      told: 'Records of substance use treatment: 42 CFR part 2 prohibits telling anybody else without written consent.',
    },
    intake: {
      title: 'Intake',
      roles: ['physician', 'nurse', 'operator', 'front-desk'],
      excluded_roles: ['billing'],
      membership: 'automatic',
      federation: 'agreement',
      retention: { max_age: '7d' },
      told: 'Intake with an answering service. What is written here goes to its operators.',
    },
    transfer: {
      title: 'Transfer',
      roles: ['physician', 'nurse', 'social-worker'],
      excluded_roles: ['billing'],
      federation: 'agreement',
      retention: { max_age: '14d', cross_org: 'min_of_both' },
      told: 'Transfer of a patient between hospitals: the other homeserver keeps a copy under its own rules.',
    },
    control: {
      title: 'Control',
      roles: ['admin', 'privacy-officer', 'security-officer'],
      join: 'invite',
      break_glass: { longest: '0m' },
      retention: { max_age: '6y', min_age: '6y' },
      told: 'Commands to Wardroom: each one is recorded with its outcome.',
    },
    audit: {
      title: 'Audit',
      roles: ['admin', 'privacy-officer', 'security-officer'],
      join: 'invite',
      break_glass: { longest: '0m' },
      retention: { max_age: '6y', min_age: '6y' },
      told: 'Checkpoints and exports of the audit log.',
    },
    privacy: {
      title: 'Privacy',
      roles: ['privacy-officer', 'security-officer'],
      join: 'invite',
      break_glass: { longest: '0m' },
      retention: { max_age: '6y', min_age: '6y' },
      told: 'What privacy and security officers have to look at: emergency access, incidents, reviews.',
    },
  },
  commands: {
    '*': ['admin'],
    'audit export': ['admin', 'privacy-officer'],
    'audit search': ['admin', 'privacy-officer'],
    'audit disclosures': ['admin', 'privacy-officer'],
    'audit access': ['admin', 'privacy-officer', 'security-officer'],
    'hold place': ['privacy-officer', 'admin'],
    'hold release': ['privacy-officer', 'admin'],
    'hold list': ['admin', 'privacy-officer', 'security-officer'],
    'retention explain': ['admin', 'privacy-officer'],
    'retention run': ['admin', 'privacy-officer'],
    'role review': ['admin', 'privacy-officer', 'security-officer'],
    'training list': ['admin', 'privacy-officer', 'security-officer'],
    'training due': ['admin', 'privacy-officer', 'security-officer'],
    'terms list': ['admin', 'privacy-officer', 'security-officer'],
    'device list': ['admin', 'security-officer'],
    'device wipe': ['admin', 'security-officer'],
    'user lock': ['admin', 'security-officer'],
    'incident open': ['admin', 'privacy-officer', 'security-officer'],
    'incident note': ['admin', 'privacy-officer', 'security-officer'],
    'incident list': ['admin', 'privacy-officer', 'security-officer'],
    'incident show': ['admin', 'privacy-officer', 'security-officer'],
    'incident take': ['admin', 'privacy-officer', 'security-officer'],
    'incident dismiss': ['admin', 'privacy-officer', 'security-officer'],
    'incident assess': ['admin', 'privacy-officer', 'security-officer'],
    'incident close': ['admin', 'privacy-officer', 'security-officer'],
    'incident export': ['admin', 'privacy-officer', 'security-officer'],
    breakglass: ['admin', 'privacy-officer', 'security-officer'],
    'breakglass end': ['admin', 'privacy-officer', 'security-officer'],
    'breakglass list': ['admin', 'privacy-officer', 'security-officer'],
    'breakglass review': ['admin', 'privacy-officer', 'security-officer'],
    'review list': ['admin', 'privacy-officer', 'security-officer'],
    'review show': ['admin', 'privacy-officer', 'security-officer'],
    'review sign': ['admin', 'privacy-officer', 'security-officer'],
  },
};

/** Classes that may never have members of another organisation, whatever a file says (restricted: 42 CFR 2.32, 2.33). */
export const neverFederated: readonly string[] = [
  'restricted-42cfr2',
  'control',
  'audit',
  'privacy',
  'patient-text',
  'billing',
];
/** Classes whose rooms hold documentation that is kept six years (45 CFR 164.316(b)(2)(i)). */
export const documentation: readonly string[] = ['control', 'audit', 'privacy'];
/** Classes whose rooms only Wardroom invites to. */
export const inviteOnly: readonly string[] = ['control', 'audit', 'privacy'];
