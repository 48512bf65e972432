import type { Capabilities, Server } from './server.ts';

/** The wires that `auto` may mean; the folder of wires stands above this one. */
type AutoWire = 'responses' | 'chat';

const ALL: Capabilities = {
  conversations: true,
  background: true,
  json_schema: true,
  json_object: true,
  tool_choice: true,
  named_tool_choice: true,
  parallel_tool_calls: true,
  image_urls: true,
  files: true,
  vector_stores: true,
  file_search: true,
  code_interpreter: true,
  web_search: true,
  max_completion_tokens: true,
  stream_usage: true,
  truncation: true,
  reasoning_effort: true,
  sealed_thoughts: true,
  any_call_ids: true,
  user_after_outputs: true,
  undeclared_calls: true,
  own_fields: true,
};

/** An unknown server is taken to do everything: what it cannot do shows when it is asked. */
const COMPATIBLE: Capabilities = { ...ALL, max_completion_tokens: false };

/** A server that only answers stores nothing and runs no tools. */
const ANSWERING: Capabilities = {
  ...COMPATIBLE,
  background: false,
  conversations: false,
  files: false,
  vector_stores: false,
  file_search: false,
  code_interpreter: false,
  web_search: false,
  truncation: false,
};

interface Preset {
  wire: AutoWire;
  can: Capabilities;
}

/** Known servers by name, as of November 2026. `capabilities` of the configuration overrides. */
export const PRESETS = {
  openai: { wire: 'responses', can: ALL },
  azure: { wire: 'responses', can: { ...ALL, web_search: false } },
  // Ollama is stateless; its Chat has no tool_choice and takes images as data only.
  ollama: { wire: 'chat', can: { ...ANSWERING, tool_choice: false, parallel_tool_calls: false, image_urls: false } },
  vllm: { wire: 'chat', can: { ...ANSWERING, parallel_tool_calls: false, max_completion_tokens: true } },
  lmstudio: {
    wire: 'chat',
    can: { ...ANSWERING, named_tool_choice: false, parallel_tool_calls: false, json_object: false, image_urls: false },
  },
  'llama.cpp': { wire: 'chat', can: { ...ANSWERING, image_urls: false } },
  // LocalAI's Responses reads the format from another field: schemas are enforced on Chat only.
  localai: { wire: 'chat', can: { ...ANSWERING, truncation: true } },
  litellm: { wire: 'chat', can: { ...ALL, conversations: false, background: false } },
  mistral: { wire: 'chat', can: { ...ANSWERING, any_call_ids: false, user_after_outputs: false } },
  compatible: { wire: 'chat', can: COMPATIBLE },
} as const satisfies Record<string, Preset>;

export type ServerName = keyof typeof PRESETS;
export const SERVER_NAMES = Object.keys(PRESETS) as ServerName[];

/** A server that a configuration leads to. */
export interface KnownServer extends Server {
  name: ServerName;
  /** The wire that `auto` means there. */
  wire: AutoWire;
  /** Whether it has shut the Assistants API down. */
  endedAssistants: boolean;
}

export const OPENAI_URL = 'https://api.openai.com/v1';

const OPENAI_HOST = /(^|\.)openai\.com$/;
const AZURE_HOST = /(^|\.)(openai\.azure\.com|services\.ai\.azure\.com|cognitiveservices\.azure\.com)$/;
/** Servers by their hosts. */
const HOSTS: [RegExp, ServerName][] = [
  [OPENAI_HOST, 'openai'],
  [AZURE_HOST, 'azure'],
  [/(^|\.)mistral\.ai$/, 'mistral'],
];
/** Servers by the ports that they listen on by default. */
const DEFAULT_PORTS: Record<string, ServerName> = { '11434': 'ollama', '1234': 'lmstudio' };

/** The server at an address: of the kind that is named, else of the kind that its host or port tells. */
export function serverAt(url: URL, named: ServerName | undefined, overrides: Partial<Capabilities> = {}): KnownServer {
  const name = named ?? serverNameAt(url);
  const { wire, can } = PRESETS[name];
  const endedAssistants = OPENAI_HOST.test(url.hostname) || AZURE_HOST.test(url.hostname);
  return { name, host: url.host, wire, can: { ...can, ...overrides }, endedAssistants };
}

function serverNameAt({ hostname, port }: URL): ServerName {
  const known = HOSTS.find(([host]) => host.test(hostname))?.[1];
  return known ?? DEFAULT_PORTS[port] ?? 'compatible';
}
