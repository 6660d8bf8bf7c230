import type { Person, SeenEvent } from '../../../src/dev/person.ts';

/** Every tag Wardroom itself writes into a message; whatever else looks like one was made from input. */
const OWN_TAG =
  /<\/?(?:strong|blockquote)>|<br>|<a href="(?:tel:\+\d{7,15}|https:\/\/matrix\.to\/#\/%40[A-Za-z0-9%._-]+)">|<\/a>/g;
/** Control characters, what moves or hides text, and more than eight marks on one letter. */
const NOT_SHOWN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u206f\ufeff]|\p{M}{9}/u;

export const bodyOf = (event: Pick<SeenEvent, 'content'>): string => String(event.content.body);
export const htmlOf = (event: Pick<SeenEvent, 'content'>): string => String(event.content.formatted_body ?? '');

/** What of a message's HTML was made a tag by what somebody sent; empty when it is inert. */
export const foreignTags = (html: string): readonly string[] =>
  html.replace(OWN_TAG, '').match(/[<>][^<>]{0,40}/g) ?? [];

export const showsHidden = (event: Pick<SeenEvent, 'content'>): boolean =>
  NOT_SHOWN.test(bodyOf(event)) || NOT_SHOWN.test(htmlOf(event));

/** Whether this person's client rings and highlights: by the push rules of the account, on the decrypted event. */
export const pings = (person: Person, event: SeenEvent): boolean =>
  person.client.getPushActionsForEvent(event.raw)?.tweaks?.highlight === true;
