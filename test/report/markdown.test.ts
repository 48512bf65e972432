import { describe, expect, test } from '@jest/globals';
import { renderFile } from '../../src/report/index.ts';
import { events, failure, reportOf, runEnded, runStarted, stepEnded, triage } from './support.ts';

const render = (list = triage()) => renderFile('report.md', reportOf(list), list);

describe('markdown', () => {
  test('shows status, steps, errors, outputs and usage', () => {
    expect(render()).toBe(`\
# ❌ \`alert-triage\`: failed

Run \`run_1\` · started \`2026-03-01T10:00:00.000Z\` · 4.2s · 1,234 tokens · $0.0123

| Step | Status | Attempts | Duration |
| --- | --- | ---: | ---: |
| \`triage\` | ✅ succeeded | 2 | 1.2s |
| \`hosts\` | ❌ failed, 1 of 2 items | 1 | 600ms |
| \`page\` | ⏭️ skipped (\`severity is low\`) | 0 | 0ms |
| \`notify\` | ✅ succeeded | 1 | 3ms |

## Errors

**\`hosts\`** \`items_failed\`

\`\`\`text
1 of 2 items of step \`hosts\` failed.
hint: Allow it with \`on-error: continue\`.
\`\`\`

- \`hosts[1]\` \`timeout: web-2 did not answer.\`

## Outputs

\`\`\`json
{
  "verdict": "rollback"
}
\`\`\`
`);
  });

  test('fences outputs with more backticks than they have in a row', () => {
    const markdown = render(events(runStarted(), runEnded({ outputs: { code: '````js\n@team <img src=x>' } })));

    expect(markdown).toContain('\n`````json\n{\n  "code": "````js\\n@team <img src=x>"\n}\n`````\n');
  });

  test('keeps pipes, newlines, HTML and mentions inside their cell', () => {
    const markdown = render(
      events(runStarted(), stepEnded('a', { status: 'skipped', reason: 'x | `y`\n<b> \\| @team' }), runEnded()),
    );

    expect(markdown).toContain(
      '| `a` | ⏭️ skipped (<code>x &#124; &#96;y&#96;↵&#60;b&#62; &#92;&#124; &#64;team</code>) | 1 | 1.2s |\n',
    );
  });

  test('stays below the size that GitHub takes, whatever the run', () => {
    const huge = '&|`漢'.repeat(250_000);
    const items = Array.from(
      { length: 10_000 },
      () => ({ status: 'failed', results: huge, error: failure('timeout', huge, huge) }) as const,
    );
    const steps = Array.from({ length: 1000 }, (_, index) =>
      stepEnded(`${index}${huge}`.slice(0, 500), { error: failure('timeout', huge, huge), items: [...items] }),
    );
    const markdown = render(events(runStarted(), ...steps, runEnded({ outputs: { huge } })));

    expect(Buffer.byteLength(markdown)).toBeLessThan(1024 * 1024);
    expect(markdown).toContain('… and 700 more steps');
  });

  test('says that a run was offline', () => {
    expect(render(triage(true))).toContain('**offline**');
  });
});
