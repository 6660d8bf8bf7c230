import { error, fine, type LintRule, warning } from '../lintRule.ts';

const STOP = /(?<![\p{L}])(?:STOP|ALTO)(?![\p{L}])/u;
const HELP = /(?<![\p{L}])(?:HELP|AYUDA)(?![\p{L}])/u;
const RATES = /(?:msg|message|text|mensajes?)\s*(?:&|and|y)\s*(?:data|datos)|rates may|tarifas/i;
const OFTEN =
  /(?:msg|message|text)s?\s+(?:freq|frequency)|varies|per (?:day|week|month|visit|appointment)|frecuencia|por (?:semana|mes|cita)/i;

/** The first text to a phone: who, how often, STOP, HELP. Every other one has an easy way to opt out as well. */
export const firstMessage: LintRule = {
  cite: '47 CFR 64.1200(a)(9)(iv)(G); CTIA Messaging Principles 5.1.3',
  check: ({ template, literal }) => {
    if (template.contentClass === 'page') return fine;
    const stop = STOP.test(literal);
    if (!template.first)
      return stop || template.contentClass === 'service' || !template.replies
        ? fine
        : warning('opt-out-missing', 'Does not say how to opt out: "Reply STOP to opt out".');
    return [
      ...(stop
        ? fine
        : error('first-without-stop', 'The first text to a phone must name STOP: "Reply STOP to opt out".')),
      ...(HELP.test(literal)
        ? fine
        : error('first-without-help', 'The first text to a phone must name HELP: "HELP for help".')),
      ...(OFTEN.test(literal) ? fine : warning('frequency-missing', 'Does not say how often: "Msg frequency varies".')),
      ...(RATES.test(literal) ? fine : warning('rates-missing', 'Does not say "Msg&data rates may apply".')),
    ];
  },
};
