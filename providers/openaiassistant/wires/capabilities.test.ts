import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import OpenAI, { toFile } from 'openai';
import { type Setup, withAssistant } from '../testing/test-assistant.ts';
import { WIRE_NAMES, WIRES, type WireName } from './index.ts';
import { type Bench, CAPABILITIES, type Capability, FILES } from './test-capabilities.ts';

/** Capabilities that have held in this run: `chat/stream/a thread begins …`. */
const held = new Set<string>();

function benchOf({ ask, ...setup }: Setup, wire: WireName, stream: boolean): Bench {
  const client = new OpenAI({ apiKey: 'test', baseURL: setup.emulator.url });
  return {
    ...setup,
    wire,
    stream,
    ask: (params) => ask({ wire, stream, ...params }, { files: FILES }),
    async fileId(name) {
      const bytes = FILES[name as keyof typeof FILES];
      return (await client.files.create({ file: await toFile(bytes, name), purpose: 'assistants' })).id;
    },
    storeId: async () => (await client.vectorStores.create({ name: 'runbooks' })).id,
  };
}

describe.each(WIRE_NAMES)('%s', (wire) => {
  describe.each([
    ['JSON', false],
    ['stream', true],
  ])('%s', (form, stream) => {
    for (const capability of CAPABILITIES) {
      const hint = capability.needs && WIRES[wire].cannot[capability.needs];
      test(`${capability.rows}: ${capability.title}${hint ? ' is refused' : ''}`, () =>
        withAssistant(capability.rules ?? [], async (setup) => {
          const bench = benchOf(setup, wire, stream);
          if (hint) await expect(capability.test(bench)).rejects.toMatchObject({ code: 'unsupported', hint });
          else await capability.test(bench);
          held.add(`${wire}/${form}/${capability.title}`);
        }));
    }
  });
});

const PAGE = 'docs/wires.md';

/** The page says what has been seen to work in a run of these tests, and nothing else. */
afterAll(() => {
  if (held.size < CAPABILITIES.length * WIRE_NAMES.length * 2) return;
  const rows = CAPABILITIES.map(rowOf);
  const head = ['capability', ...WIRE_NAMES.map((wire) => `\`${wire}\``)];
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const notes = CAPABILITIES.flatMap(notesOf);
  const text = readFileSync(PAGE, 'utf8');
  const made = text.replace(
    /<!-- matrix -->[\s\S]*<!-- \/matrix -->/,
    () => `<!-- matrix -->\n\n${table}\n\n${[...new Set(notes)].join('\n')}\n\n<!-- /matrix -->`,
  );
  if (process.env.UPDATE_DOCS) writeFileSync(PAGE, made);
  else expect(made).toBe(text);
});

const rowOf = (capability: Capability): string[] => [capability.title, ...WIRE_NAMES.map((wire) => cellOf(capability, wire))];

function cellOf({ needs, title }: Capability, wire: WireName): string {
  if (needs && WIRES[wire].cannot[needs]) return 'refused';
  return ['JSON', 'stream'].filter((form) => held.has(`${wire}/${form}/${title}`)).join(', ');
}

const notesOf = ({ needs, title }: Capability): string[] =>
  WIRE_NAMES.flatMap((wire) => {
    const hint = needs && WIRES[wire].cannot[needs];
    return hint ? [`- ${title}, over \`${wire}\`: ${hint}`] : [];
  });
