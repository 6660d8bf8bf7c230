/** The WCTP channel's door. */
export type { Sender } from './authenticate.ts';
export { createGateway, type GatewayOptions } from './gateway.ts';
export { pinOf } from './pin.ts';
export { createWctpSender, type PushOptions } from './push.ts';
export { wctpRouter } from './router.ts';
