/** The door of texts: what other parts may import. */
export { type ContentClass, contentClasses } from './contentClass.ts';
export { detect } from './detector/detect.ts';
export type { Finding, FindingKind } from './detector/finding.ts';
export { healthIn } from './detector/healthIn.ts';
export { type Known, nothingKnown } from './detector/known.ts';
export { classOf } from './gate/classOf.ts';
export { type GateReason, type GateRule, type Outcome, outcomes, type ReasonSpan } from './gate/gateRule.ts';
export { type GateVerdict, judgeText } from './gate/judgeText.ts';
export {
  type ConsentFacts,
  type ConsentScope,
  cautiousGatePolicy,
  type Denial,
  type GatePolicy,
  type JudgedClass,
  type TextToJudge,
} from './gate/textToJudge.ts';
export { looksLikeOrder, orderRefusal } from './orders.ts';
export { type Encoding, type Segments, segmentsOf } from './segments/segments.ts';
export { builtInTemplates } from './templates/builtIn.ts';
export { isError, lint } from './templates/lint.ts';
export type { LintContext, LintFinding } from './templates/lintRule.ts';
export { render, type SlotFault } from './templates/render.ts';
export { slotTypes } from './templates/slots/index.ts';
export {
  type Template,
  type TemplateClass,
  type TemplateState,
  templateClasses,
  templateFor,
} from './templates/template.ts';
