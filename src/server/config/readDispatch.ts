import { dispatchFindings } from '../../tickets/dispatchFindings.ts';
import { type Dispatch, dispatchSchema } from './dispatch.ts';
import type { Fault } from './fault.ts';
import { faultAt, issueFaults } from './issues.ts';
import type { Layers } from './layers.ts';

type Document = Readonly<Record<string, unknown>>;
type Path = readonly PropertyKey[];

export interface ReadDispatch {
  /** Null when there is a fault. */
  readonly dispatch: Dispatch | null;
  readonly faults: readonly Fault[];
  /** It runs, though not as its author may expect. */
  readonly warnings: readonly Fault[];
}

/**
 * Reads the sections of dispatch.yaml. Names that mean nobody, and the like, are found even while something else is
 * malformed, so that one run lists everything.
 */
export function readDispatch(document: Document, layers: Layers): ReadDispatch {
  const parsed = dispatchSchema.safeParse(document);
  const broken: readonly Path[] = parsed.success ? [] : parsed.error.issues.map((issue) => issue.path);
  const dispatch = parsed.success ? parsed.data : salvage(document, broken);
  const findings = (dispatch ? dispatchFindings(dispatch) : []).filter(
    ({ path }) => !(path[0] === 'site' && broken.some((other) => other[0] === 'site')),
  );
  const of = (severity: string): Fault[] =>
    findings.filter((finding) => finding.severity === severity).map(({ path, what }) => faultAt(path, what, layers));
  const faults = [...(parsed.success ? [] : issueFaults(parsed.error.issues, layers)), ...of('error')];
  return { dispatch: parsed.success && faults.length === 0 ? parsed.data : null, faults, warnings: of('warning') };
}

/** What can be read without the malformed entries; people stay known by their key. Null when too little is left to judge by. */
function salvage(document: Document, broken: readonly Path[]): Dispatch | null {
  const rest = structuredClone(document) as Record<string, Record<PropertyKey, unknown>>;
  for (const [section, entry] of broken) {
    const entries = rest[String(section)];
    if (entry === undefined || typeof entries !== 'object') return null;
    if (section === 'people') entries[entry] = { mxid: '@unreadable:localhost' };
    else delete entries[entry];
  }
  const parsed = dispatchSchema.safeParse(rest);
  return parsed.success ? parsed.data : null;
}
