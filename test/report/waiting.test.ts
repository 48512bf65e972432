import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli } from '../support/cli.ts';

const files = {
  'w.yml': 'workflow: { id: w, steps: [{ name: ask, provider: { type: approval, with: { message: "Restart | db?" } } }] }\n',
};

describe('reports of a run that waits', () => {
  test('GitHub gets a notice, not an error', async () => {
    const { code, stdout } = await cli(['run', 'w.yml', '--run-id', 'r1', '--format', 'github'], { files });
    expect(code).toBe(4);
    expect(stdout).toContain('::notice title=w%3A waiting,file=w.yml::ask  Restart | db?%0Athreadline runs resume r1');
    expect(stdout).not.toContain('::error');
  });

  test('Markdown says for what', async () => {
    const { folder } = await cli(['run', 'w.yml', '--run-id', 'r1', '--output', 'r.md'], { files });
    const text = readFileSync(join(folder, 'r.md'), 'utf8');
    expect(text).toContain('## Waits for\n\n- `ask` <code>Restart &#124; db?</code>\n');
  });
});
