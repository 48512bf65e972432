import { Closed, Duration, OneOf, Type } from 'threadline/provider';
import { ItemValue, Step, WorkflowPath } from 'threadline/runtime';
import { FUNCTION_NAME } from './format-schema.ts';
import { MaxOutput } from './max-output.ts';
import { McpServer } from './mcp-schema.ts';

const Approval = Closed({
  message: Type.Optional(
    Type.String({ minLength: 1, description: 'What the person is asked; the arguments are shown with it.' }),
  ),
  approvers: Type.Optional(
    Type.Array(Type.String({ minLength: 1 }), {
      minItems: 1,
      description: 'Who may answer, by name. Anybody where nobody is named.',
    }),
  ),
  timeout: Type.Optional(
    Duration('How long an answer is waited for; without one the call is not made. Without end when it is not given.'),
  ),
});

const FunctionTool = Closed({
  function: Type.String({ pattern: FUNCTION_NAME, examples: ['recent_deploys'], description: 'The name that the model calls.' }),
  description: Type.Optional(Type.String({ description: 'What it does, for the model.' })),
  parameters: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'A JSON Schema of the arguments, which are checked against it.' }),
  ),
  strict: Type.Optional(Type.Boolean({ description: 'Let the server enforce the parameters.' })),
  timeout: Type.Optional(Duration('How long a call may take; default 60s.')),
  retries: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 10, default: 0, description: 'How often a call that failed in passing is tried again.' }),
  ),
  approval: Type.Optional(
    Type.Union([Type.Boolean(), Approval], {
      description: 'Whether a person has to allow each call before it is made; the run waits meanwhile, without a process.',
    }),
  ),
  provider: Type.Optional(Step({ description: 'The step that does it. Its templates read the arguments as `args`.' })),
  result: Type.Optional(
    ItemValue({
      roots: ['args', 'result'],
      description:
        'What the model is told: a template that reads what the step returned as `result`, and `args`. All of it otherwise.',
    }),
  ),
  max_output: Type.Optional(MaxOutput),
});

const WorkflowTool = Closed({
  workflow: WorkflowPath({
    description: 'A workflow that the model may run: its inputs are the parameters, its outputs the answer.',
  }),
  name: Type.Optional(
    Type.String({ pattern: FUNCTION_NAME, description: "The name that the model calls; the workflow's id otherwise." }),
  ),
  description: Type.Optional(Type.String({ description: 'What it does, for the model.' })),
  timeout: Type.Optional(Duration('How long a call may take; default 60s.')),
  max_output: Type.Optional(MaxOutput),
});

const McpTools = Closed({
  mcp: Type.Unsafe<McpServer>({ ...McpServer, description: 'An MCP server, whose tools the model may use.' }),
});

const OpenAiFunction = Closed({
  type: Type.Literal('function', { description: "A declaration in OpenAI's form; its step stands in the workflow." }),
  function: Closed(
    {
      name: Type.String({ pattern: FUNCTION_NAME, description: 'The name that the model calls.' }),
      description: Type.Optional(Type.String({ description: 'What it does, for the model.' })),
      parameters: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'A JSON Schema of the arguments.' })),
      strict: Type.Optional(Type.Boolean({ description: 'Let the server enforce the parameters.' })),
    },
    { description: 'What is declared.' },
  ),
});

const FileSearch = Closed({
  type: Type.Literal('file_search', { description: 'Looks into vector stores, on the server.' }),
  vector_store_ids: Type.Optional(Type.Array(Type.String(), { description: 'Where it looks.' })),
  max_num_results: Type.Optional(Type.Integer({ minimum: 1, maximum: 50, description: 'How much it may find.' })),
});
const CodeInterpreter = Closed({ type: Type.Literal('code_interpreter', { description: 'Runs code, on the server.' }) });
const WebSearch = Closed({ type: Type.Literal('web_search', { description: 'Looks into the web, on the server.' }) });

export const Tools = Type.Array(
  Type.Union([
    OneOf(['file_search', 'code_interpreter', 'web_search']),
    FunctionTool,
    WorkflowTool,
    McpTools,
    OpenAiFunction,
    FileSearch,
    CodeInterpreter,
    WebSearch,
  ]),
  {
    maxItems: 128,
    description: 'What the model may use: built-in tools by name, and functions, each of which is a step.',
  },
);
