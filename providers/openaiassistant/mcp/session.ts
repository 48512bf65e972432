import type { Json, JsonObject, ProviderEvent } from 'threadline/provider';

export type LogLevel = Extract<ProviderEvent, { type: 'log' }>['level'];

export interface McpOptions {
  /** Ends the servers, and whatever they are asked. */
  readonly signal: AbortSignal;
  /** Hosts that `url` may name although they are private or local. */
  readonly allowHosts: readonly string[];
  log(level: LogLevel, message: string): void;
}

/** Servers that are open, and their tools. */
export interface McpSession {
  /** In the order of the servers, then as each lists them; their names differ. */
  readonly tools: readonly McpTool[];
  /** Ends processes and connections; resolves when they have ended, and never rejects. */
  close(): Promise<void>;
}

/** A tool of a server, as a model can be offered it. What it says of itself is a stranger's text. */
export interface McpTool {
  /** Fits `^[a-zA-Z0-9_-]{1,64}$`; the server may know it by another one. */
  readonly name: string;
  /** The server, in words for people. */
  readonly server: string;
  /** At most 1024 characters. */
  readonly description: string | undefined;
  /** A JSON Schema of `type: object`. The server checks arguments against it; it is not to be compiled here. */
  readonly parameters: JsonObject;
  readonly timeoutMs: number;
  /**
   * Resolves with the structured content of the result, else its text. Rejects with `step_failed` when the tool or its server
   * failed, with `timeout`, or with the signal's reason; the server is told when nobody waits any more.
   */
  call(args: JsonObject, signal: AbortSignal): Promise<Json>;
}
