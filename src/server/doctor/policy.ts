import { faultLine, policyProblems } from '../config/index.ts';
import { type Check, fault, warning, well } from './finding.ts';

/** The policy can be read and contradicts neither itself nor the law; what it says unwisely is told. */
export const policy: Check = async ({ config }) => {
  const { faults, warnings } = policyProblems(config.policy);
  const unwise = warnings.map((one) => warning('policy', faultLine(one), 'change it, or leave it knowingly'));
  if (faults.length > 0) {
    return faults.map((one) =>
      fault('policy', faultLine(one), 'mend the line; `wardroom config check` lists all of them'),
    );
  }
  const classes = config.policy.ok ? Object.keys(config.policy.value.policy.classes).length : 0;
  return [...unwise, ...(unwise.length === 0 ? [well('policy', `${classes} room classes`)] : [])];
};
