/** An id for a thread that no server keeps or has named. */
export const newThreadId = (): string => `thr_${crypto.randomUUID().replaceAll('-', '')}`;
