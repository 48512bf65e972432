import { ThreadlineError } from 'threadline/provider';

/** Whether something ended because the run leaves this process to wait. It is resumed later: nothing is to be undone. */
export const isSuspension = (thrown: unknown): boolean => thrown instanceof ThreadlineError && thrown.code === 'waiting';

export const isSuspended = ({ reason }: AbortSignal): boolean => isSuspension(reason);
