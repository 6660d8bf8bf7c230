/**
 * What a text carries, which decides who has to have agreed to it.
 * `service`: the answers that a line owes (STOP confirmed, HELP, the first message). `reminder`: an appointment and how to change it.
 * `notice`: that a message waits, and where to call. `plain`: somebody's own words in which nothing about health or a person was found.
 * `content`: health information. `marketing`: anything that sells. `page`: the fixed text to a clinician's phone.
 */
export const contentClasses = ['service', 'reminder', 'notice', 'plain', 'content', 'marketing', 'page'] as const;
export type ContentClass = (typeof contentClasses)[number];
