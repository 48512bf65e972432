import { ThreadlineError } from 'threadline/provider';

/** Whether the run leaves this process to wait, and goes on later from where it is: nothing of it is to be taken back. */
export const isParked = ({ reason }: AbortSignal): boolean => reason instanceof ThreadlineError && reason.code === 'waiting';
