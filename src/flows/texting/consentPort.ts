/** What was done about consent: kept for good, read as a fold (src/consent). */
import type { Phi } from '../../kernel/phi.ts';
import type { PatientRef, PhoneRef } from './textsPort.ts';

export interface ConsentRead {
  /**
   * The events that speak of this patient or of any telephone in `addresses`, in order: a revocation names the telephone, so it counts for everybody
   * on it. Each is a document of src/consent.
   */
  about(patient: PatientRef | null, addresses: readonly PhoneRef[]): Promise<Phi<readonly unknown[]>>;
  /** All events of telephones on which something was stopped, for `suppress list`. */
  latest(limit: number): Promise<Phi<readonly unknown[]>>;
}

export interface ConsentWrite extends ConsentRead {
  append(patient: PatientRef | null, address: PhoneRef, at: number, event: Phi<unknown>): Promise<void>;
}
