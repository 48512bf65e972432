import type OpenAI from 'openai';
import type { Json, JsonObject, Usage } from 'threadline/provider';
import type { ThreadStore } from 'threadline/runtime';
import type { Server } from '../dialects/server.ts';
import type { Ask, ToolChoice } from '../question/ask.ts';
import type { WireLimits } from '../question/features.ts';
import type { Item, ToolCallItem, ToolOutputItem } from '../question/items.ts';
import type { Transcript } from '../thread/transcript.ts';

/**
 * An API that an assistant can be asked over. It says how it differs from the others, so that no other code compares its name.
 * Wires are loaded with the provider; `open` loads the code that speaks the API.
 */
export interface Wire extends WireLimits {
  /** The least that the API takes, in tokens; parameters that may be as small as they like are left out. */
  readonly least: { readonly max_completion_tokens?: number; readonly max_prompt_tokens?: number };
  /** Whether an answer is streamed to steps that do not say. */
  readonly streamsByDefault: boolean;
  /** Whether servers keep assistants (`asst_…`) that a step may name. */
  readonly hasAssistants: boolean;
  /** Where requests for an answer go, below the base URL. */
  readonly path: string;
  /** How the server's copies of threads are reached; absent where servers keep none. */
  readonly remoteThreads?: RemoteThreads;
  /** Sends a request that costs nothing; it fails as not found where the server does not have the API. */
  probe(client: OpenAI, options: RequestOptions): Promise<unknown>;
  /** Opens the thread at the server, or makes one there. */
  open(options: OpenOptions): Promise<Session>;
  /** Deletes at the server what a session has made there for one question. Absent where nothing stays. */
  discard?(options: Pick<OpenOptions, 'client' | 'server' | 'store' | 'thread'>): Promise<void>;
}

export interface RequestOptions {
  signal: AbortSignal;
}

/** The server's copies of threads, where they are looked at or deleted without a session. */
export interface RemoteThreads {
  /** How the ids of this API's threads begin: `conv_`. */
  readonly idPrefix: string;
  /** Ids that are known to be of something else by how they begin. */
  readonly foreignId?: RegExp;
  /** The path of a thread, below the base URL. */
  pathOf(id: string): string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where items go with their thread, and are read in a session only. */
  readonly items?: RemoteItems;
}

/** Items that a server keeps on their own: they outlive their thread. */
export interface RemoteItems {
  /** Oldest first, as the API writes them. */
  list(client: OpenAI, threadId: string, options: RequestOptions): Promise<JsonObject[]>;
  delete(client: OpenAI, threadId: string, itemId: string, options: RequestOptions): Promise<unknown>;
}

export interface OpenOptions {
  client: OpenAI;
  server: Server;
  ask: Ask;
  thread: Transcript;
  /** Remembers what was made at the server. */
  store: ThreadStore;
  /** For wires that take files by id only; resolves to the id. The same content is uploaded once. */
  upload(file: { name: string; bytes: Uint8Array }, purpose: 'assistants' | 'vision'): Promise<string>;
  signal: AbortSignal;
  warn(message: string): void;
}

/**
 * A conversation under way on one wire. Contract:
 * - `send` costs money: it sends its request once and never repeats one that the server may have taken;
 * - it rejects with a ThreadlineError for HTTP and connection failures; a model that fails, refuses or stops early is a Reply;
 * - it ends soon after the signal aborts, and cancels the run at the server where that is possible, unless our run is suspended;
 * - only `commitReply` writes what is said into our copy of the thread.
 */
export interface Session {
  /** Whether the server can be asked for a reply by the id that `onStarted` says. */
  readonly canResume: boolean;
  /** Sends messages, or the outputs of all calls of the last reply. */
  send(items: Item[], options: SendOptions): Promise<Reply>;
  /**
   * The reply to what a process that died may have sent, without sending it again; waits for one that is under way. `id`: what
   * the server calls it, where that is known. Undefined where nothing is found that could be used: then `send` asks.
   */
  resume(items: Item[], id: string | undefined, options: SendOptions): Promise<Reply | undefined>;
  /** Writes what was sent and what came into the thread, for a reply of `send`, of `resume`, or of a process that died. */
  commitReply(items: Item[], reply: Reply): void;
  /** Gives the server's copy of the thread those outputs that it lacks and ours has already, so that it stays usable. */
  closeOpenCalls(outputs: ToolOutputItem[]): Promise<void>;
  /** After the last reply: brings the server's copy of the thread and ours together. */
  syncRemote(signal: AbortSignal): Promise<void>;
}

export interface SendOptions {
  /** The rest of max_completion_tokens. */
  maxOutputTokens: number | undefined;
  toolChoice: ToolChoice | undefined;
  signal: AbortSignal;
  /** As soon as the server says which run it is: with a stream, before the answer. */
  onStarted(runId: string, requestId: string | undefined): void;
  onText(delta: string): void;
}

/** An answer of the model; a run that needs functions called has several. */
export interface Reply {
  runId: string;
  status: 'completed' | 'requires_action' | 'incomplete' | 'failed' | 'cancelled' | 'expired' | 'refused' | 'unfinished';
  /** The text of the last message; of a refusal, its reason. */
  text: string;
  toolCalls: ToolCallItem[];
  /** The entries that it adds to the thread, calls included. */
  items: Item[];
  annotations: JsonObject[];
  tokens: Tokens;
  model: string;
  /** Why it is incomplete or failed: `max_output_tokens`, `server_error: …`. */
  reason: string | undefined;
  /** Where the server keeps the thread: the answer does not stand in its copy. */
  isApart?: true;
  raw: Json;
}

/** Tokens, and how many of the prompt's the server had in its cache. */
export interface Tokens extends Omit<Usage, 'cost_usd'> {
  cached_tokens: number;
}
