import { ThreadlineError } from 'threadline/provider';
import { causeCodes, isBrokenConnection } from '../transport/connection-codes.ts';

/** Whether a connection broke after the request was sent: the model may have answered all the same. */
export const mayBePaid = (thrown: unknown): boolean =>
  thrown instanceof ThreadlineError &&
  thrown.code === 'connection_failed' &&
  !thrown.retryable &&
  (thrown.cause === undefined || isBrokenConnection(causeCodes(thrown.cause)));
