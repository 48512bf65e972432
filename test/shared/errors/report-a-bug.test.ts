import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { REPORT_A_BUG, ThreadlineError } from '../../../src/shared/errors/errors.ts';
import { cli } from '../../support/cli.ts';

const { bugs } = JSON.parse(readFileSync('package.json', 'utf8')) as { bugs: string };

test('a bug of Threadline says where to report it, unless the place knows better', () => {
  expect(new ThreadlineError('internal', 'No plan.').hint).toContain(bugs);
  expect(new ThreadlineError('internal', 'No plan.', { hint: 'Update.' }).hint).toBe('Update.');
  expect(new ThreadlineError('step_failed', 'No.').hint).toBeUndefined();
});

test('a command that breaks shows where in the sources, and where to report it', async () => {
  const broken = `data:text/javascript,JSON.stringify = () => { throw new TypeError('broken on purpose'); };`;
  const { code, stderr } = await cli(['schema'], { nodeOptions: ['--import', broken] });
  expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('TypeError: broken on purpose') });
  expect(stderr).toMatch(/at .*\bsrc\/cli\/[\w/-]+\.ts:\d+:\d+/);
  expect(stderr).toContain(`This is a bug. ${REPORT_A_BUG}`);
});
