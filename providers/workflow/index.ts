import {
  type CheckFiles,
  Closed,
  defineProvider,
  isNumber,
  isObject,
  type JsonObject,
  Otherwise,
  type ParamsProblem,
  parseJson,
  Type,
} from 'threadline/provider';
import { WorkflowPath } from 'threadline/runtime';

const Payload = (what: string) =>
  Type.Optional(
    Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()], {
      description: `The ${what} that it starts with; the caller's own when it is not given, none when it is null.`,
    }),
  );

const params = Closed({
  file: WorkflowPath({ description: 'The workflow, relative to the one that calls it.' }),
  inputs: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'Its inputs: checked as they are declared there.' }),
  ),
  alert: Otherwise('{{ alert }}', Payload('alert')),
  incident: Otherwise('{{ incident }}', Payload('incident')),
});

export default defineProvider({
  description: 'Runs another workflow; the results are its outputs.',
  isLocal: () => true,
  config: Closed({}),
  params,
  check: checkInputs,
  async run({ file, inputs, alert, incident }, { runtime }) {
    return runtime.runWorkflow(file, {
      inputs: (inputs ?? {}) as JsonObject,
      ...(isObject(alert) ? { alert } : {}),
      ...(isObject(incident) ? { incident } : {}),
    });
  },
});

/** Reports unknown inputs and missing required inputs of the called workflow. */
function checkInputs({ file, inputs }: JsonObject, files: CheckFiles): ParamsProblem[] {
  const signature = typeof file === 'string' ? files.workflow(file) : undefined;
  if (!signature) return [];
  const declared = new Map(signature.inputs.map((input) => [input.name, input]));
  const given = isObject(inputs) ? inputs : {};
  const unknown = Object.keys(given).flatMap((name): ParamsProblem[] => {
    if (declared.has(name)) return [];
    const hint = declared.size > 0 ? `It has: ${[...declared.keys()].join(', ')}.` : 'It has no inputs.';
    return [{ path: ['inputs', name], part: 'key', message: `workflow \`${signature.id}\` has no input \`${name}\``, hint }];
  });
  const missing = [...declared.values()].flatMap((input): ParamsProblem[] => {
    if (!input.required || input.default !== undefined || Object.hasOwn(given, input.name)) return [];
    return [
      { path: inputs === undefined ? [] : ['inputs'], message: `workflow \`${signature.id}\` needs the input \`${input.name}\`` },
    ];
  });
  const wrong = Object.entries(given).flatMap(([name, value]): ParamsProblem[] => {
    const input = declared.get(name);
    const isOpen = typeof value === 'string' && value.includes('{{');
    if (!input || isOpen || fits(input.type, value)) return [];
    return [{ path: ['inputs', name], message: `input \`${name}\` of workflow \`${signature.id}\` must be a ${input.type}` }];
  });
  return [...unknown, ...missing, ...wrong];
}

/** As on a command line, text may represent any type. */
function fits(type: string, value: unknown): boolean {
  if (value === null || type === 'choice') return true;
  if (type === 'string') return typeof value !== 'object';
  const data = typeof value === 'string' ? parsed(value) : value;
  if (type === 'list') return Array.isArray(data);
  if (type === 'number') return isNumber(data);
  return type === 'object' ? isObject(data) : typeof data === type;
}

function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    // Not JSON: stays text, which the type check then refuses.
    return text;
  }
}
