/** Of a thread that no server keeps, or none has named. */
export const newThreadId = (): string => `thr_${crypto.randomUUID().replaceAll('-', '')}`;
