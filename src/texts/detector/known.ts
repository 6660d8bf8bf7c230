/**
 * What is known about whom the text goes to and from. The patient's own identifiers are the most precise signal there is; what is the
 * practice's own gives nobody away. All of it may be empty.
 */
export interface Known {
  /** Names of the patient as on record, in any order: `Rosa Maria Delgado`. */
  readonly names: readonly string[];
  /** Names that may be written to this phone: who answers for the patient. */
  readonly contacts: readonly string[];
  /** Calendar dates of the patient (birth): `1961-03-04`. */
  readonly dates: readonly string[];
  /** Record, account and insurance numbers, telephone numbers, addresses: anything that is written as it stands. */
  readonly others: readonly string[];
  /** The practice's own telephone numbers, in any form. */
  readonly ownPhones: readonly string[];
  /** The practice's own names and the names of its clinicians: `Lark Street Clinic`, `Amsel`. */
  readonly ownNames: readonly string[];
  /** The practice's own host names. */
  readonly ownHosts: readonly string[];
  /** The practice's own addresses, as written: `12 Lark Street`. */
  readonly ownPlaces: readonly string[];
}

export const nothingKnown: Known = {
  names: [],
  contacts: [],
  dates: [],
  others: [],
  ownPhones: [],
  ownNames: [],
  ownHosts: [],
  ownPlaces: [],
};
