import type { BotApi } from '../../bot/index.ts';
import { LineDesk, type LineDeskFlow } from '../../flows/texting/lineDesk.ts';
import { TemplateDesk } from '../../flows/texting/templateDesk.ts';
import type { TicketFlow } from '../../flows/ticketFlow.ts';
import type { Config } from '../config/index.ts';

export interface TextCommandParts extends Pick<LineDeskFlow, 'carriers' | 'digest' | 'lines' | 'personOf'> {
  readonly config: Pick<Config, 'texting'>;
  readonly flow: Pick<TicketFlow, 'clock'>;
}

/** What administrators do about texts. */
export function textCommands({ config, flow, ...parts }: TextCommandParts): Pick<BotApi, 'textLines' | 'templates'> {
  const { clock } = flow;
  return {
    textLines: new LineDesk({ ...parts, clock, campaignOf: (line) => config.texting.lines[line]?.campaign ?? null }),
    templates: new TemplateDesk({ clock, lines: parts.lines }),
  };
}
