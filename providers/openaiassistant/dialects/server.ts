/** The capabilities of a server; OpenAI's own servers have all. */
export interface Capabilities {
  /** Keeps threads as conversations. Without them, all that was said is sent with each request. */
  conversations: boolean;
  /** Responses that run on when nobody listens. */
  background: boolean;
  json_schema: boolean;
  json_object: boolean;
  tool_choice: boolean;
  /** Takes the name of a function as `tool_choice`; otherwise words such as `required` only. */
  named_tool_choice: boolean;
  parallel_tool_calls: boolean;
  /** Fetches images by their address. */
  image_urls: boolean;
  /** Uploads, which other requests name by id. */
  files: boolean;
  vector_stores: boolean;
  file_search: boolean;
  code_interpreter: boolean;
  web_search: boolean;
  /** Chat: the limit of an answer is called `max_completion_tokens`, not `max_tokens`. */
  max_completion_tokens: boolean;
  /** Chat: a stream tells its tokens when asked to. */
  stream_usage: boolean;
  /** Responses: `truncation: auto`. */
  truncation: boolean;
  reasoning_effort: boolean;
  /** Responses: hands out the thoughts of a model sealed, where the server keeps nothing. */
  sealed_thoughts: boolean;
  /** Takes ids of calls as other servers make them; otherwise nine letters and digits. */
  any_call_ids: boolean;
  /** Takes a message of the user right behind the outputs of functions; otherwise the assistant has to speak between. */
  user_after_outputs: boolean;
  /** Takes threads with calls of functions that the request does not declare. */
  undeclared_calls: boolean;
  /** Chat: takes back what its messages and calls carry of its own, such as thoughts. */
  own_fields: boolean;
}

/** Capabilities that say which messages a server takes. */
export type MessageRule = 'any_call_ids' | 'user_after_outputs' | 'undeclared_calls' | 'own_fields';

/** A server as a request meets it. */
export interface Server {
  /** The kind of server: `openai`, `ollama`, `compatible`. */
  name: string;
  /** With its port. */
  host: string;
  can: Capabilities;
}

/** Where a server's copies of threads are noted in the store: what one wire has made at a server, another may not see. */
export const remoteKeyOf = ({ host }: Pick<Server, 'host'>, wire: string): string => `${host}/${wire}`;
