import { ok } from '../../kernel/result.ts';
import { readArguments, usageOf } from '../arguments.ts';
import { breakGlassAsked, breakGlassReasons, breakGlassSyntax, sayGranted } from '../breakGlass.ts';
import type { ClinicianCommand } from '../clinicianCommand.ts';
import { tokensOf } from '../words.ts';

export const breakglass: ClinicianCommand = {
  name: 'breakglass',
  usage: usageOf(breakGlassSyntax),
  prepare(words, { rooms, breakGlass }) {
    const read = readArguments(breakGlassSyntax, tokensOf(words), words);
    if (!read.ok) return read;
    const asked = breakGlassAsked(read.value, rooms);
    if (!asked.ok) return asked;
    return ok(async (tx, said) => {
      const performed = await breakGlass.hear(tx, said, asked.value);
      return { ...performed, jobs: performed.jobs ?? [], moved: [] };
    });
  },
  say: sayGranted,
  reasons: breakGlassReasons,
};
