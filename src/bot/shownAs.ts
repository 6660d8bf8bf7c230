import type { CommandAnswer } from '../flows/commandsPort.ts';

/** The data of an answer, by the type with which its flow made it: in between it is kept as JSON, and nothing else writes there. */
export const shownAs = <T extends object>(data: CommandAnswer['data']): T => data as unknown as T;
