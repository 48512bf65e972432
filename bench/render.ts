import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadWorkflow, openRegistry } from 'threadline';
import { type Measured, median, ratio } from './measure.ts';

const ALERT = {
  ...{ name: 'disk full', severity: 'critical', source: ['prometheus'], description: 'The disk of web-17 is full. '.repeat(8) },
  labels: { team: 'storage', region: 'eu-1' },
  events: Array.from({ length: 5 }, (_, id) => ({ id, text: `event ${id}` })),
};

/** About half a kilobyte of a prompt, with what prompts do: paths, helpers, a condition, a loop. */
const PARAGRAPH = `Alert {{ alert.name }} of {{ alert.labels.team }} in {{ alert.labels.region }} is {{ upper alert.severity }}.
{{#if alert.description}}It says: {{ alert.description }}{{/if}}
{{#each alert.events}}- {{ this.id }}: {{ this.text }}
{{/each}}Think about what happened before it, say what you are sure of and what you assume, and name the runbook that fits.
Owner: {{ default alert.labels.owner "nobody" }}. Is it urgent? {{ alert.severity == 'critical' && size(alert.events) > 3 }}.
`;

async function prompt(paragraphs: number): Promise<{ render: () => unknown; bytes: number }> {
  const text = PARAGRAPH.repeat(paragraphs);
  const indented = text.replace(/^/gm, '            ');
  const file = join(mkdtempSync(join(tmpdir(), 'threadline-bench-')), 'workflow.yml');
  writeFileSync(
    file,
    `workflow:\n  id: prompt\n  steps:\n    - name: ask\n      provider:\n        type: mock\n        with:\n          output: |\n${indented}\n`,
  );
  const { plan, diagnostics } = await loadWorkflow(file, openRegistry());
  const params = plan?.steps[0]?.provider?.params;
  if (!params) throw new Error(JSON.stringify(diagnostics));
  return { render: () => params({ alert: ALERT }), bytes: text.length };
}

/** Microseconds of one rendering, the median of several dozens, each of several in a row. */
function time(render: () => unknown): number {
  const inRow = 20;
  const taken = Array.from({ length: 61 }, () => {
    const startedAt = performance.now();
    for (let index = 0; index < inRow; index++) render();
    return ((performance.now() - startedAt) * 1000) / inRow;
  });
  return median(taken);
}

/** A prompt is compiled once and rendered for each alert: twice the text takes twice as long. */
export async function renderPrompt(): Promise<Measured[]> {
  const [small, large, huge] = [await prompt(9), await prompt(36), await prompt(144)];
  for (const { render } of [small, large, huge]) time(render);
  const result = small.render() as { output: string };
  const [one, four, sixteen] = [time(small.render), time(large.render), time(huge.render)];
  // The least that making such a text can cost: writing it down once.
  const copy = time(() => JSON.parse(JSON.stringify(result)));
  return [
    {
      what: `a prompt template of ${(small.bytes / 1024).toFixed(1)} KB`,
      value: `${one.toFixed(1)} µs`,
      target: '≤ 200 µs',
      holds: one <= 200,
    },
    {
      what: 'the same over its result as JSON, written and read',
      value: ratio(one / copy),
      target: '≤ 10×',
      holds: one / copy <= 10,
    },
    {
      what: 'four times the template, over four of it',
      value: ratio(four / one / 4),
      target: '≤ 1.5×',
      holds: four / one / 4 <= 1.5,
    },
    {
      what: 'sixteen times the template, over sixteen of it',
      value: ratio(sixteen / one / 16),
      target: '≤ 1.5×',
      holds: sixteen / one / 16 <= 1.5,
    },
  ];
}
