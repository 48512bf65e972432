/** The APIs that an assistant can be asked over, in the order of what they can. */
export const WIRES = ['responses', 'chat', 'assistants'] as const;
export type WireName = (typeof WIRES)[number];
