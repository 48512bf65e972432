import { folderWith } from '../support/cli.ts';

/** Waits for the file `go-NAME`, and logs its start and end in the file `log`. */
const GATE = `import { appendFileSync, existsSync, watch } from 'node:fs';
export default {
  description: 'Waits for a file.',
  config: { type: 'object', properties: {}, additionalProperties: false },
  params: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'], additionalProperties: false },
  async run({ name }, { signal }) {
    appendFileSync('log', \`enter \${name}\\n\`);
    console.error(\`entered \${name}\`);
    await new Promise((resolve) => {
      const watcher = watch('.', check);
      function check() {
        if (!existsSync(\`go-\${name}\`) && !signal.aborted) return;
        watcher.close();
        resolve();
      }
      signal.addEventListener('abort', check);
      check();
    });
    appendFileSync('log', \`\${signal.aborted ? 'abort' : 'leave'} \${name}\\n\`);
    signal.throwIfAborted();
    return name;
  },
};
`;

const BAD = `export default {
  description: 'Fails.',
  config: { type: 'object', properties: {}, additionalProperties: false },
  params: { type: 'object', properties: {}, additionalProperties: true },
  async run(params) {
    if (params.echo !== undefined) return { echo: params.echo };
    throw new Error('it is bad');
  },
};
`;

const gate = (id: string, more = '') => `workflow:
  id: ${id}
${more}  inputs: [{ name: name, type: string, required: true }]
  steps:
    - name: hold
      provider: { type: gate, with: { name: "{{ inputs.name }}" } }
  outputs:
    name: "{{ steps.hold.results }}"
`;

const keyed = (id: string, policy: string) => gate(id, `  concurrency: { key: ${id}, on_busy: ${policy} }\n`);

/** Workflows whose runs wait where the test wants them to. */
export const gateProject = (): string =>
  folderWith({
    log: '',
    'providers/gate/index.mjs': GATE,
    'providers/bad/index.mjs': BAD,
    'gate.yml': gate('gate'),
    'queued.yml': keyed('queued', 'queue'),
    'skipped.yml': keyed('skipped', 'skip'),
    'replaced.yml': keyed('replaced', 'cancel'),
    'fails.yml': 'workflow:\n  id: fails\n  steps:\n    - name: bad\n      provider: { type: bad, with: {} }\n',
    'slow.yml': `workflow:
  id: slow
  timeout: 700ms
  steps:
    - name: slow
      continue-on-error: true
      timeout: 100ms
      provider: { type: gate, with: { name: never } }
    - name: slower
      provider: { type: gate, with: { name: never } }
    - name: after
      provider: { type: bad, with: { echo: 1 } }
`,
    'calls.yml': `workflow:
  id: calls
  steps:
    - name: call
      provider: { type: workflow, with: { file: gate.yml, inputs: { name: inner } } }
  outputs:
    said: "{{ steps.call.results.name }}"
`,
    'digits.yml': `workflow:
  id: digits
  inputs: [{ name: id, type: number }]
  steps:
    - name: one
      provider: { type: bad, with: { echo: "{{ inputs.id }}" } }
    - name: wait
      provider: { type: wait, with: { signal: go } }
  outputs:
    ids: ["{{ steps.one.results.echo }}", "{{ steps.wait.results.signal }}", "{{ inputs.id }}"]
`,
    'secret.yml': `workflow:
  id: secret
  steps:
    - name: one
      provider: { type: bad, with: { echo: "the {{ secrets.SECRET_TOKEN }}" } }
    - name: two
      provider: { type: bad, with: { echo: "{{ steps.one.results.echo }} again" } }
    - name: check
      if: steps.two.results.echo.startsWith('the very-secret')
      provider: { type: bad, with: { echo: 1 } }
  outputs:
    checked: "{{ steps.check.results.echo }}"
`,
    'approve.yml': `workflow:
  id: approve
  steps:
    - name: sure
      timeout: 2h
      provider: { type: approval, with: { message: "Sure?", timeout: 1h } }
    - name: pause
      provider: { type: wait, with: { for: 50ms } }
  outputs:
    by: "{{ steps.sure.results.by }}"
    waited: "{{ steps.pause.results.waited_ms >= 50 }}"
`,
    'two.yml': `workflow:
  id: two
  steps:
    - name: one
      provider: { type: gate, with: { name: before } }
    - name: two
      provider: { type: gate, with: { name: after } }
`,
  });
