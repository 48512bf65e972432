import type { GuardedFetch, Json, JsonObject, ProviderEvent } from 'threadline/provider';

type LogLevel = Extract<ProviderEvent, { type: 'log' }>['level'];

export interface McpOptions {
  /** Aborts calls under way, and closes the servers. */
  readonly signal: AbortSignal;
  /** Reaches the hosts that a step may. */
  readonly fetch: GuardedFetch;
  log(level: LogLevel, message: string): void;
}

/** Open servers, and their tools. */
export interface McpSession {
  /** In the order of the servers, then as each lists them; their names differ. */
  readonly tools: readonly McpTool[];
  /** Ends processes and connections; resolves when they have ended, and never rejects. */
  close(): Promise<void>;
}

/** A server's tool, as a model can be offered it. Its description is not to be trusted. */
export interface McpTool {
  /** Fits `^[a-zA-Z0-9_-]{1,64}$`; the server may call the tool something else. */
  readonly name: string;
  /** The server's name, for people. */
  readonly server: string;
  /** At most 1024 characters. */
  readonly description: string | undefined;
  /** A JSON Schema of `type: object`. The server checks arguments against it; it is not to be compiled here. */
  readonly parameters: JsonObject;
  readonly timeoutMs: number;
  /** The most tokens of a result that a model is told. */
  readonly maxOutput: number;
  /**
   * Resolves with the structured content of the result, else its text. Rejects with `step_failed` when the tool or its server
   * failed, with `timeout`, or with the signal's reason; then the server is told that the call is cancelled.
   */
  call(args: JsonObject, signal: AbortSignal): Promise<Json>;
}
