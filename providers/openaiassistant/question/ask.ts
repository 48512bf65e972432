import type { JsonObject } from 'threadline/provider';

/** A question to a model, independent of any API; each wire puts it into its API's words. */
export interface Ask {
  /** Undefined only where an assistant that the server keeps has one. */
  model: string | undefined;
  /** The id of an assistant that the server keeps, on wires whose servers keep them. */
  assistantId: string | undefined;
  /** The assistant's name, for servers that show one. */
  name: string | undefined;
  /** Undefined also where the server knows who the assistant is. */
  instructions: string | undefined;
  /** Added to the instructions for this run only. */
  additionalInstructions: string | undefined;
  tools: Tool[];
  toolChoice: ToolChoice | undefined;
  parallelToolCalls: boolean | undefined;
  format: Format;
  temperature: number | undefined;
  topP: number | undefined;
  reasoningEffort: string | undefined;
  truncation: Truncation;
  /** The most tokens of the thread that are shown to the model. */
  maxPromptTokens: number | undefined;
  /** Whether outputs of functions are shown shortened: the server has found the thread too long. */
  shortOutputs: boolean;
  metadata: Record<string, string>;
  store: boolean;
  stream: boolean;
  background: boolean;
  /** A stream that says nothing for this long is taken for dead. */
  idleMs: number;
  /** Further fields of the request, as the author wrote them. */
  extra: JsonObject;
}

export type Truncation = { type: 'none' } | { type: 'auto' } | { type: 'last_messages'; count: number };

export type Tool =
  | { type: 'function'; name: string; description: string | undefined; parameters: JsonObject; strict: boolean }
  | { type: 'file_search'; vectorStoreIds: string[]; maxResults: number | undefined }
  | { type: 'code_interpreter'; fileIds: string[] }
  | { type: 'web_search' };

export type ToolChoice = 'auto' | 'none' | 'required' | { function: string };

export type Format =
  | { type: 'text' }
  | { type: 'json_object' }
  | { type: 'json_schema'; name: string; description: string | undefined; schema: JsonObject; strict: boolean };

/** All instructions as one text: who the assistant is, then what holds for this run only. */
export const allInstructions = ({ instructions, additionalInstructions }: Ask): string | undefined =>
  [instructions, additionalInstructions].filter(Boolean).join('\n\n') || undefined;
