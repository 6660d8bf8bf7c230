/** The keys of `config/dispatch.yaml`. Their shape belongs to the tickets; this is where the configuration takes it from. */
export { type Dispatch, dispatchSchema, dispatchShape } from '../../tickets/dispatchSchema.ts';
