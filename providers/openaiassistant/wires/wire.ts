import type { Json, JsonObject, Usage } from 'threadline/provider';

/** What is asked, whatever the wire: the contract's side builds it, a wire says it in its API's words. */
export interface Ask {
  threadId: string | undefined;
  model: string;
  instructions: string | undefined;
  messages: Message[];
  tools: Tool[];
  toolChoice: ToolChoice | undefined;
  parallelToolCalls: boolean | undefined;
  format: Format;
  temperature: number | undefined;
  topP: number | undefined;
  reasoningEffort: string | undefined;
  metadata: Record<string, string>;
  store: boolean;
  stream: boolean;
  extra: JsonObject;
}

export interface Message {
  role: 'user' | 'assistant' | 'system';
  parts: Part[];
}

export type Part =
  | { type: 'text'; text: string }
  | { type: 'image'; url?: string; fileId?: string; detail: 'auto' | 'low' | 'high' }
  | { type: 'file'; fileId?: string; name?: string; dataUrl?: string };

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

export interface ToolCall {
  callId: string;
  name: string;
  /** JSON text, as the model wrote it. */
  arguments: string;
}

export interface ToolOutput {
  callId: string;
  output: string;
}

/** One answer of the model: of a run that needs functions called there are several. */
export interface Reply {
  runId: string;
  status: 'completed' | 'requires_action' | 'incomplete' | 'failed' | 'cancelled' | 'refused' | 'unfinished';
  /** The text of the last message; of a refusal, its reason. */
  text: string;
  toolCalls: ToolCall[];
  annotations: JsonObject[];
  usage: Usage;
  model: string;
  /** Why it is incomplete or failed: `max_output_tokens`, `server_error: …`. */
  reason: string | undefined;
  raw: Json;
}

export interface HistoryMessage {
  /** Null of a message that was sent just now: the server names it, but does not say how. */
  id: string | null;
  role: string;
  text: string;
  /** ISO 8601; null where the server keeps no time. */
  created_at: string | null;
}

export interface SendOptions {
  /** What is left of max_completion_tokens. */
  maxOutputTokens: number | undefined;
  toolChoice: ToolChoice | undefined;
  signal: AbortSignal;
  /** As soon as the server says which run it is: with a stream, before the answer. */
  onStarted(runId: string, requestId: string | undefined): void;
  onText(delta: string): void;
}

/**
 * A conversation under way on one wire. Contract:
 * - `start` and `answer` cost money: each sends its request once and never repeats it by itself;
 * - they reject with a ThreadlineError for HTTP and connection failures; a model that fails, refuses or stops early is a Reply;
 * - they end soon after the signal aborts, and take the run back at the server where that is possible.
 */
export interface Session {
  /** Null where the server keeps no conversation. */
  readonly threadId: string | null;
  /** Sends the ask's messages. */
  start(options: SendOptions): Promise<Reply>;
  /** Answers all calls of the last reply. */
  answer(outputs: ToolOutput[], options: SendOptions): Promise<Reply>;
  /** Adds a user message: the re-ask after an answer that does not fit. */
  followUp(text: string, options: SendOptions): Promise<Reply>;
  /** Puts outputs on the thread for those of its calls that have none, without asking for more: it stays usable. */
  leave(outputs: ToolOutput[]): Promise<void>;
  /** All messages of the thread, oldest first. */
  history(signal: AbortSignal): Promise<HistoryMessage[]>;
}

export interface Wire<Client> {
  readonly name: string;
  /** Opens the thread, or makes one. */
  open(client: Client, ask: Ask, signal: AbortSignal, warn: (message: string) => void): Promise<Session>;
}
