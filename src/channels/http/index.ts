/** The HTTP channel's door. */
export { createHttpApi, type HttpApiOptions } from './app.ts';
export { createGate, type Gate } from './gate.ts';
export type { PartReadiness, Readiness } from './healthRoutes.ts';
export type { ObservedRequest } from './requestObserver.ts';
export { type CallbackTarget, createStatusSender, type StatusSenderOptions } from './statusCallbacks.ts';
