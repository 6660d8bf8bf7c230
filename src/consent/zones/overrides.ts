/**
 * Area codes that reach into another zone than the table says: overlays that were given out after it was drawn, and places that keep their neighbours'
 * time. Added to what the table has, so that it can only get stricter. From the counties' official times (49 CFR 71) unless said otherwise.
 */
export const splitAreaCodes: Readonly<Record<string, readonly string[]>> = {
  /** Florida: Pensacola and Panama City are Central. */
  '850': ['America/New_York', 'America/Chicago'],
  '448': ['America/New_York', 'America/Chicago'],
  /** Western Kentucky is Central. */
  '270': ['America/New_York', 'America/Chicago'],
  '364': ['America/New_York', 'America/Chicago'],
  /** Indiana: Evansville is Central; 574 and 219 have counties of both. */
  '812': ['America/New_York', 'America/Chicago'],
  '930': ['America/New_York', 'America/Chicago'],
  '574': ['America/New_York', 'America/Chicago'],
  '219': ['America/New_York', 'America/Chicago'],
  /** Michigan: Gogebic, Iron, Dickinson and Menominee are Central. */
  '906': ['America/New_York', 'America/Chicago'],
  /** Tennessee: Chattanooga and Knoxville's side are Eastern, Marion and its neighbours Central. */
  '423': ['America/New_York', 'America/Chicago'],
  '931': ['America/Chicago', 'America/New_York'],
  /** Oregon: Malheur is Mountain. */
  '541': ['America/Los_Angeles', 'America/Boise'],
  '458': ['America/Los_Angeles', 'America/Boise'],
  /** Idaho: the north is Pacific. */
  '208': ['America/Boise', 'America/Los_Angeles'],
  '986': ['America/Boise', 'America/Los_Angeles'],
  /** Nevada: West Wendover and Jackpot keep Mountain time. */
  '775': ['America/Los_Angeles', 'America/Denver'],
  /** Arizona: the Navajo Nation keeps daylight saving time, the rest does not. */
  '928': ['America/Phoenix', 'America/Denver'],
  /** Dakotas, Nebraska, Kansas, Texas: the west is Mountain. */
  '701': ['America/Chicago', 'America/Denver'],
  '605': ['America/Chicago', 'America/Denver'],
  '308': ['America/Chicago', 'America/Denver'],
  '620': ['America/Chicago', 'America/Denver'],
  '785': ['America/Chicago', 'America/Denver'],
  '432': ['America/Chicago', 'America/Denver'],
  '915': ['America/Denver', 'America/Chicago'],
  /** Alabama: Phenix City, Lanett and Valley keep Eastern time by custom. */
  '334': ['America/Chicago', 'America/New_York'],
  /** Alaska: the western Aleutians. */
  '907': ['America/Anchorage', 'America/Adak'],
};
