/**
 * What the use cases need from the world, one file per subject. Adapters implement these; flows own them (style: the user of an interface
 * owns it).
 */
export type { Alarms } from './alarmsPort.ts';
export type { CrashPoint, CrashPoints } from './crashPoint.ts';
export type * from './matrixPort.ts';
export type * from './messagesPort.ts';
export type * from './reportsPort.ts';
export type * from './storePort.ts';
export type * from './ticketsPort.ts';
