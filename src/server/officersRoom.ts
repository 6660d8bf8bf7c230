import type { CommandAuthority } from '../flows/commandAuthority.ts';
import type { ControlRoom } from '../flows/commandsPort.ts';
import type { EventId, UserId } from '../kernel/ids.ts';
import type { Phi } from '../kernel/phi.ts';
import type { PortFailure, Result } from '../kernel/result.ts';
import type { RunningMatrix } from '../matrix/index.ts';

/**
 * Where privacy and security officers are told what they have to look at. Where nobody is one, administrators are told in the control room: what
 * has to be looked at must reach somebody (45 CFR 164.308(a)(1)(ii)(D), (a)(2)).
 */
export class OfficersRoom implements Pick<ControlRoom, 'post'> {
  readonly #matrix: Pick<RunningMatrix, 'controlRoom' | 'privacyRoom'>;
  readonly #authority: Pick<CommandAuthority, 'officers'>;

  constructor(
    matrix: Pick<RunningMatrix, 'controlRoom' | 'privacyRoom'>,
    authority: Pick<CommandAuthority, 'officers'>,
  ) {
    this.#matrix = matrix;
    this.#authority = authority;
  }

  /** Whom it reaches; empty: nobody is an officer, the control room is told. */
  officers(): readonly UserId[] {
    return this.#authority.officers();
  }

  /** Posts as the bot, encrypted. The same `id` is one message per room, however often it is posted. */
  post(id: string, content: Phi<Record<string, unknown>>): Promise<Result<EventId, PortFailure>> {
    const { controlRoom, privacyRoom } = this.#matrix;
    return (this.#authority.officers().length > 0 ? privacyRoom : controlRoom).post(id, content);
  }
}
