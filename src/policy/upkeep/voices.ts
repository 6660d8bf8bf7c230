import type { Found, Upkeep } from '../upkeepRule.ts';

/** The voices that speak in a room are in it. */
export const voices: Upkeep = {
  name: 'voices',
  regulation: '45 CFR 164.312(b)',
  look: ({ room, facts }) =>
    facts.room.voices
      .filter((voice) => voice !== facts.bot && room.members.get(voice)?.membership !== 'join')
      .flatMap((user): Found[] => [
        ...(room.members.get(user)?.membership === 'ban'
          ? [{ kind: 'unban', fault: 'voice-banned', user } as const]
          : []),
        { kind: 'join', fault: 'voice-absent', user },
      ]),
};
