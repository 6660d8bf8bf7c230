/** WCTP 1.3, result codes: 2xx success, 3xx protocol, 4xx content, 5xx permanent, 6xx temporary. Only 6xx is tried again. */
export const ERROR_TEXTS = {
  300: 'Operation not supported',
  301: 'Cannot parse input',
  302: 'XML validation error',
  303: 'Version error',
  400: 'Function not supported',
  401: 'Invalid senderID',
  402: 'Invalid securityCode',
  403: 'Invalid recipientID',
  406: 'Unsupported combination of date ranges',
  411: 'Message exceeds allowable length',
  430: 'Binary message not supported',
  432: 'Invalid pollerID or securityCode',
  500: 'Message timed out',
  501: 'Message expired',
  504: 'Unknown message reference',
  600: 'Poll rate exceeded',
  602: 'Traffic rate exceeded',
  604: 'Internal server error',
  606: 'Service unavailable',
} as const;

export type ErrorCode = keyof typeof ERROR_TEXTS;

/** Why an operation was not done. `what` is ours: it never repeats a value of the payload. */
export interface Failure {
  readonly errorCode: ErrorCode;
  /** The element's text: what the operator of the console reads. */
  readonly what: string;
}

export const failure = (errorCode: ErrorCode, what: string): Failure => ({ errorCode, what });
