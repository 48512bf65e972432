import { ThreadlineError } from 'threadline/provider';

/** Whether that is why something ended: the run leaves this process to wait. It goes on later, so nothing is to be taken back. */
export const isWaiting = (thrown: unknown): boolean => thrown instanceof ThreadlineError && thrown.code === 'waiting';

export const isParked = ({ reason }: AbortSignal): boolean => isWaiting(reason);
