import type { Command } from '../command.ts';
import { adminConfirm } from './adminConfirm.ts';
import { adminList } from './adminList.ts';
import { breakglass } from './breakglass.ts';
import { breakglassEnd } from './breakglassEnd.ts';
import { breakglassList } from './breakglassList.ts';
import { breakglassReview } from './breakglassReview.ts';
import { confirm } from './confirm.ts';
import { consentHistory } from './consentHistory.ts';
import { consentRecord } from './consentRecord.ts';
import { consentRevoke } from './consentRevoke.ts';
import { consentShow } from './consentShow.ts';
import { deviceList } from './deviceList.ts';
import { deviceWipe } from './deviceWipe.ts';
import { doctor } from './doctor.ts';
import { help } from './help.ts';
import { holdList } from './holdList.ts';
import { holdPlace } from './holdPlace.ts';
import { holdRelease } from './holdRelease.ts';
import { incidentAssess } from './incidentAssess.ts';
import { incidentClose } from './incidentClose.ts';
import { incidentDismiss } from './incidentDismiss.ts';
import { incidentExport } from './incidentExport.ts';
import { incidentList } from './incidentList.ts';
import { incidentNote } from './incidentNote.ts';
import { incidentOpen } from './incidentOpen.ts';
import { incidentShow } from './incidentShow.ts';
import { incidentTake } from './incidentTake.ts';
import { oncallGaps } from './oncallGaps.ts';
import { oncallOverride } from './oncallOverride.ts';
import { oncallSet } from './oncallSet.ts';
import { oncallShow } from './oncallShow.ts';
import { oncallSimulate } from './oncallSimulate.ts';
import { oncallSwap } from './oncallSwap.ts';
import { oncallWho } from './oncallWho.ts';
import { oncallWithdraw } from './oncallWithdraw.ts';
import { partnerAdd } from './partnerAdd.ts';
import { partnerList } from './partnerList.ts';
import { partnerRenew } from './partnerRenew.ts';
import { partnerRevoke } from './partnerRevoke.ts';
import { policyDiff } from './policyDiff.ts';
import { policyHistory } from './policyHistory.ts';
import { policyRollback } from './policyRollback.ts';
import { policySet } from './policySet.ts';
import { policyShow } from './policyShow.ts';
import { retentionExplain } from './retentionExplain.ts';
import { retentionRun } from './retentionRun.ts';
import { reviewList } from './reviewList.ts';
import { reviewShow } from './reviewShow.ts';
import { reviewSign } from './reviewSign.ts';
import { roleGrant } from './roleGrant.ts';
import { roleList } from './roleList.ts';
import { roleReview } from './roleReview.ts';
import { roleRevoke } from './roleRevoke.ts';
import { roleWho } from './roleWho.ts';
import { roomAdd } from './roomAdd.ts';
import { roomAdopt } from './roomAdopt.ts';
import { roomClose } from './roomClose.ts';
import { roomCreate } from './roomCreate.ts';
import { roomExplain } from './roomExplain.ts';
import { roomList } from './roomList.ts';
import { roomRemove } from './roomRemove.ts';
import { roomShow } from './roomShow.ts';
import { smsLineList } from './smsLineList.ts';
import { smsLineTest } from './smsLineTest.ts';
import { status } from './status.ts';
import { suppressLift } from './suppressLift.ts';
import { suppressList } from './suppressList.ts';
import { suppressReview } from './suppressReview.ts';
import { templateAdd } from './templateAdd.ts';
import { templateApprove } from './templateApprove.ts';
import { templateLint } from './templateLint.ts';
import { templateList } from './templateList.ts';
import { templateRetire } from './templateRetire.ts';
import { termsList } from './termsList.ts';
import { textingPolicySet } from './textingPolicySet.ts';
import { textingPolicyShow } from './textingPolicyShow.ts';
import { ticketClose } from './ticketClose.ts';
import { ticketList } from './ticketList.ts';
import { ticketNote } from './ticketNote.ts';
import { ticketShow } from './ticketShow.ts';
import { trainingDue } from './trainingDue.ts';
import { trainingList } from './trainingList.ts';
import { trainingRecord } from './trainingRecord.ts';
import { trainingWithdraw } from './trainingWithdraw.ts';
import { userLock } from './userLock.ts';
import { userOffboard } from './userOffboard.ts';
import { userUnlock } from './userUnlock.ts';

/** Every command there is, in the order in which `help` shows them. */
export const commands: readonly Command[] = [
  oncallWho,
  oncallShow,
  oncallGaps,
  oncallSimulate,
  oncallSet,
  oncallOverride,
  oncallSwap,
  oncallWithdraw,
  ticketList,
  ticketShow,
  ticketClose,
  ticketNote,
  roomCreate,
  roomAdopt,
  roomList,
  roomShow,
  roomExplain,
  roomAdd,
  roomRemove,
  roomClose,
  retentionExplain,
  retentionRun,
  holdPlace,
  holdList,
  holdRelease,
  consentShow,
  consentRecord,
  consentRevoke,
  consentHistory,
  suppressList,
  suppressReview,
  suppressLift,
  partnerAdd,
  partnerRenew,
  partnerRevoke,
  partnerList,
  policyShow,
  policySet,
  policyDiff,
  policyHistory,
  policyRollback,
  textingPolicyShow,
  textingPolicySet,
  smsLineList,
  smsLineTest,
  templateList,
  templateAdd,
  templateLint,
  templateApprove,
  templateRetire,
  roleGrant,
  roleRevoke,
  roleList,
  roleWho,
  roleReview,
  deviceList,
  deviceWipe,
  userLock,
  userUnlock,
  userOffboard,
  incidentOpen,
  incidentNote,
  incidentTake,
  incidentDismiss,
  incidentAssess,
  incidentList,
  incidentShow,
  incidentExport,
  incidentClose,
  // Before `breakglass`, which takes whatever follows for a room.
  breakglassEnd,
  breakglassList,
  breakglassReview,
  breakglass,
  reviewList,
  reviewShow,
  reviewSign,
  trainingRecord,
  trainingWithdraw,
  trainingList,
  trainingDue,
  termsList,
  status,
  doctor,
  adminList,
  adminConfirm,
  confirm,
  help,
];
