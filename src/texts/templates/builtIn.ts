import type { Template } from './template.ts';

/**
 * Texts to start from. All are drafts until a person of the practice approves them; the notice and the page are what Wardroom says by itself
 * and are approved. Spanish goes without the accents that are outside the phones' alphabet, as is usual in texts: each would halve what a part holds.
 */
export const builtInTemplates: readonly Template[] = [
  of(
    'appointment-reminder',
    'en',
    'reminder',
    'draft',
    'Hi {first_name}, appointment {date}, {time} at {practice}. Reply 1 to confirm, 2 to reschedule. Call {phone}. Reply STOP to opt out',
  ),
  of(
    'appointment-reminder',
    'es',
    'reminder',
    'draft',
    'Hola {first_name}: cita {date}, {time}, {practice}. Responda 1 para confirmar, 2 para cambiar. Llame al {phone}. STOP para salir',
  ),
  of('notice', 'en', 'notice', 'approved', 'You have a message from {practice}. Call {phone}. Reply STOP to opt out.'),
  of(
    'notice',
    'es',
    'notice',
    'approved',
    'Tiene un mensaje de {practice}. Llame al {phone}. Responda STOP para no recibir mensajes.',
  ),
  {
    ...of(
      'welcome',
      'en',
      'service',
      'draft',
      '{practice}: you asked for texts about your visits. Msg frequency varies. Msg&data rates may apply. Reply HELP for help, STOP to opt out. Call {phone}.',
    ),
    first: true,
  },
  {
    ...of(
      'welcome',
      'es',
      'service',
      'draft',
      '{practice}: usted pidio mensajes sobre sus citas. La frecuencia varia. Pueden aplicarse tarifas. Responda HELP para ayuda, STOP para salir. {phone}',
    ),
    first: true,
  },
  of(
    'stop-confirmed',
    'en',
    'service',
    'approved',
    '{practice}: you will get no more texts from us. Call {phone} with questions. Reply START to get texts again.',
  ),
  of(
    'stop-confirmed',
    'es',
    'service',
    'approved',
    '{practice}: no le enviaremos otros mensajes. Preguntas: {phone}. Responda START para recibir mensajes otra vez.',
  ),
  of(
    'help',
    'en',
    'service',
    'approved',
    '{practice} texts about your visits. Call {phone}. Msg&data rates may apply. Reply STOP to opt out.',
  ),
  of(
    'help',
    'es',
    'service',
    'approved',
    'Mensajes de {practice} sobre sus citas. Llame al {phone}. Pueden aplicarse tarifas. Responda STOP para salir.',
  ),
  of('page', 'en', 'page', 'approved', 'Urgent message waiting. Ref {ref}. Reply {n} ok or open the app.'),
];

function of(
  id: string,
  language: string,
  contentClass: Template['contentClass'],
  state: Template['state'],
  body: string,
): Template {
  return { id, language, version: 1, state, contentClass, body, first: false, replies: true };
}
