/** The PDUs of SMPP 3.4 that an ESME has to do with (SMPP 3.4, section 5.1.2.1). A response is the request's id with the top bit. */
export const RESPONSE = 0x8000_0000;

export const COMMAND = {
  bindTransceiver: 0x09,
  submit: 0x04,
  deliver: 0x05,
  unbind: 0x06,
  enquireLink: 0x15,
  data: 0x103,
  alertNotification: 0x102,
  bindTransceiverResp: 0x8000_0009,
  submitResp: 0x8000_0004,
  deliverResp: 0x8000_0005,
  unbindResp: 0x8000_0006,
  enquireLinkResp: 0x8000_0015,
  dataResp: 0x8000_0103,
  genericNack: 0x8000_0000,
} as const;

/** command_status values that we send, or act on (SMPP 3.4, section 5.1.3). */
export const STATUS = {
  ok: 0x00,
  invalidLength: 0x02,
  invalidCommand: 0x03,
  wrongState: 0x04,
  queueFull: 0x14,
  throttled: 0x58,
  temporaryFailure: 0x64,
} as const;

/** `0x0000000e` as `0x0e`: how a status appears in our codes and logs. */
export const statusText = (status: number): string => `0x${status.toString(16).padStart(2, '0')}`;
