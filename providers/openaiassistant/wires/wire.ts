import type { Json, JsonObject, ThreadStore, Usage } from 'threadline/provider';
import type { Server } from '../contract/servers.ts';
import type { Item, ToolCallItem, ToolOutputItem } from '../question/items.ts';
import type { ThreadMemory } from '../thread/memory.ts';
import type { WireName } from './wire-name.ts';

/** What is asked, whatever the wire: the contract's side builds it, a wire says it in its API's words. */
export interface Ask {
  /** Undefined only where an assistant of the server's own has one. */
  model: string | undefined;
  /** An assistant that the server keeps; wire `assistants` only. */
  assistantId: string | undefined;
  /** What it is called, where the server has a name for it. */
  name: string | undefined;
  /** Who the assistant is; undefined also where the server knows. */
  instructions: string | undefined;
  /** For this run only. */
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
  metadata: Record<string, string>;
  store: boolean;
  stream: boolean;
  background: boolean;
  /** A stream that says nothing for this long is taken for dead. */
  idleMs: number;
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

/** Tokens, and how many of the prompt's the server had in its cache. */
export interface Tokens extends Omit<Usage, 'cost_usd'> {
  cached_tokens: number;
}

/** One answer of the model: of a run that needs functions called there are several. */
export interface Reply {
  runId: string;
  status: 'completed' | 'requires_action' | 'incomplete' | 'failed' | 'cancelled' | 'expired' | 'refused' | 'unfinished';
  /** The text of the last message; of a refusal, its reason. */
  text: string;
  toolCalls: ToolCallItem[];
  /** What it adds to the thread, calls included. */
  items: Item[];
  annotations: JsonObject[];
  tokens: Tokens;
  model: string;
  /** Why it is incomplete or failed: `max_output_tokens`, `server_error: …`. */
  reason: string | undefined;
  raw: Json;
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
 * - `send` costs money: it sends its request once and never repeats one that the server may have taken;
 * - it rejects with a ThreadlineError for HTTP and connection failures; a model that fails, refuses or stops early is a Reply;
 * - it ends soon after the signal aborts, and takes the run back at the server where that is possible, unless it is parked;
 * - only `take` writes what is said into the memory of the thread.
 */
export interface Session {
  /** Whether the server can be asked for a reply by the id that `onStarted` says. */
  readonly canResume: boolean;
  /** Messages, or the outputs of all calls of the last reply. */
  send(items: Item[], options: SendOptions): Promise<Reply>;
  /**
   * The reply to what a process that died may have sent, without sending it again; waits for one that is under way. `id`: what
   * the server calls it, where that is known. Undefined where nothing is found that could be used: then `send` asks.
   */
  resume(items: Item[], id: string | undefined, options: SendOptions): Promise<Reply | undefined>;
  /** Writes what was sent and what came into the thread, for a reply of `send`, of `resume`, or of a process that died. */
  take(items: Item[], reply: Reply): void;
  /** Outputs that our copy of the thread has already: the server's gets those that it lacks, and so stays usable. */
  leave(outputs: ToolOutputItem[]): Promise<void>;
  /** After the last reply: brings the server's copy of the thread and ours together. */
  settle(signal: AbortSignal): Promise<void>;
}

export interface OpenOptions<Client> {
  client: Client;
  server: Server;
  ask: Ask;
  thread: ThreadMemory;
  /** What is known of objects at the server. */
  store: ThreadStore;
  /** For wires that take files by id only; resolves to the id. The same content is uploaded once. */
  upload(file: { name: string; bytes: Uint8Array }, purpose: 'assistants' | 'vision'): Promise<string>;
  signal: AbortSignal;
  warn(message: string): void;
}

export interface Wire<Client> {
  readonly name: WireName;
  /** The least that it lets an answer have, in tokens. */
  readonly leastTokens: number;
  /** Opens the thread at the server, or makes one there. */
  open(options: OpenOptions<Client>): Promise<Session>;
}

/** What the model is told, in this order: who it is, then what holds for this run only. */
export const allInstructions = ({ instructions, additionalInstructions }: Ask): string | undefined =>
  [instructions, additionalInstructions].filter(Boolean).join('\n\n') || undefined;
