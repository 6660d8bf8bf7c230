import { error, fine, type LintRule } from '../lintRule.ts';

/** Carriers act on these themselves, before anybody of ours reads them: CANCEL opts the patient out, YES opts in again. */
const RESERVED =
  'stop|stopall|stop all|unsubscribe|end|quit|revoke|opt out|opt-out|optout|cancel|arret|remove|td|start|yes|unstop|subscribe|help|info|alto|parar|cancelar|si';
/** What a reserved word may be asked for: what it does. */
const ITS_OWN =
  /^["'“”]?(?:(?:stop|stopall|alto|unsubscribe|quit|end)["'“”]?,? (?:to (?:opt[ -]?out|stop|unsubscribe|end (?:texts|messages)|quit)|for no more|anytime|at any time|para (?:no recibir|cancelar (?:los|estos) mensajes|dejar|terminar|salir|parar))|(?:stop|alto)["'“”]?(?:[.,;]|$| or | and | o | y )|help["'“”]?(?:[.,;]|$| for (?:help|info)| or | and | para (?:ayuda|info))|(?:start|unstop)["'“”]? (?:to (?:resubscribe|subscribe|get|receive|start|opt in|rejoin|restart)|para (?:recibir|volver)))/i;
const ASKS =
  /(?<![\p{L}])(?:reply|replying|respond|text|texting|send|answer|type|write|responda|responde|conteste|contesta|envie|envíe|envia|envía|escriba|escribe|or|o|and|y|,)\s+(?:back\s+)?(?:with\s+|con\s+)?(?:the word\s+|la palabra\s+)?(["'“”]?)([\p{L}][\p{L} -]*?)(?=["'“”]?(?:\s+(?:to|for|if|or|o|para|and|y|at|any)(?![\p{L}])|\s*[.,;:!?/)=-]|["'“”]|$))/giu;
const ASKING =
  /(?<![\p{L}])(?:reply|replying|respond|text|texting|send|answer|type|write|responda|responde|conteste|contesta|env[ií][ea]|escrib[ae])(?![\p{L}])/iu;
const WORD = new RegExp(`^(?:${RESERVED})$`, 'i');

/** Confirm with 1 or C, reschedule with 2 or R, cancel the visit with 3: never with a word that a carrier takes for itself. */
export const reserved: LintRule = {
  cite: '47 CFR 64.1200(a)(10)',
  check: ({ literal }) => {
    const wrong = literal.split(/(?<=[.!?;\n])\s+/).flatMap(reservedIn);
    return wrong.length === 0
      ? fine
      : error(
          'reserved-word',
          `Asks to reply ${[...new Set(wrong)].join(', ')}: carriers act on that word themselves. Ask for 1, 2, 3 or C, R instead.`,
        );
  },
};

function reservedIn(sentence: string): string[] {
  if (!ASKING.test(sentence)) return [];
  const asked = [...sentence.matchAll(ASKS)].flatMap((match) => {
    const word = (match[2] ?? '').trim();
    const at = match.index + match[0].length - (match[2]?.length ?? 0);
    return WORD.test(word) && !ITS_OWN.test(sentence.slice(at)) ? [word.toUpperCase()] : [];
  });
  // In capitals a word is meant as one to send, wherever it stands: "C to confirm, CANCEL to cancel".
  const shouted = [...sentence.matchAll(/(?<![\p{L}{])[\p{Lu}]{2,}(?![\p{L}])/gu)].flatMap((match) =>
    WORD.test(match[0]) && !ITS_OWN.test(sentence.slice(match.index)) ? [match[0]] : [],
  );
  return [...asked, ...shouted];
}
