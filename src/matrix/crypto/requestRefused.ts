/** The homeserver did not do what was asked; ask again later. */
export class RequestRefused extends Error {
  constructor() {
    super('homeserver refused a crypto request');
  }
}
