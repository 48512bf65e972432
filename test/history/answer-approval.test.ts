import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { answerApproval, pendingQuestions, sendSignal } from '../../src/history/answer-approval.ts';
import { loadWorkflow, openRegistry, openRunStore, type RunReport, type RunStore, runWorkflow } from '../../src/index.ts';
import { folderWith } from '../support/cli.ts';

const WORKFLOW = `workflow:
  id: w
  steps:
    - { name: ask, provider: { type: approval, with: { message: "Restart?", approvers: [ada, grace] } } }
`;

/** A run that has put its question, and what goes on with it. */
async function question(): Promise<{ runs: RunStore; goOn(): Promise<RunReport> }> {
  const workingFolder = folderWith({ 'w.yml': WORKFLOW });
  const registry = openRegistry();
  const { plan } = await loadWorkflow('w.yml', registry, { workingFolder });
  if (!plan) throw new Error('no plan');
  const runs = openRunStore(join(workingFolder, 'runs.db'));
  const goOn = () => runWorkflow(plan, { registry, workingFolder, environment: {}, runs, runId: 'r' });
  expect((await goOn()).run.status).toBe('waiting');
  return { runs, goOn };
}

test('a question is known by its step, and is gone once it has its answer', async () => {
  const { runs, goOn } = await question();
  expect(pendingQuestions(runs, 'r')).toMatchObject([
    { name: 'ask', question: { message: 'Restart?', approvers: ['ada', 'grace'] } },
  ]);
  answerApproval(runs, 'r', { approved: true, by: 'ada', comment: 'go' });
  const { run, steps } = await goOn();
  expect([run.status, steps.ask?.results]).toMatchObject(['succeeded', { approved: true, by: 'ada', comment: 'go' }]);
  expect(pendingQuestions(runs, 'r')).toEqual([]);
  expect(() => answerApproval(runs, 'r', { approved: true, by: 'ada' })).toThrow('asks for no answer');
  runs.close();
});

test('an answer of somebody else, a second one and a plain signal are refused, and change nothing', async () => {
  const { runs, goOn } = await question();
  expect(() => answerApproval(runs, 'r', { approved: true, by: 'mallory' })).toThrow('mallory may not answer `ask`');
  expect(() => answerApproval(runs, 'r', { approved: true })).toThrow('Somebody without a name may not answer');
  expect(() => answerApproval(runs, 'r', { approved: true, by: 'ada', step: 'other' })).toThrow('other');
  expect(() => sendSignal(runs, 'r', { name: 'ask', data: { approved: true, by: 'ada' } })).toThrow('`ask` is a question');
  expect(() => answerApproval(runs, 'nobody', { approved: true })).toThrow('There is no run');
  expect((await goOn()).run.status).toBe('waiting');
  answerApproval(runs, 'r', { approved: false, by: 'grace' });
  expect(() => answerApproval(runs, 'r', { approved: true, by: 'ada' })).toThrow('has its answer: rejected by grace');
  expect((await goOn()).steps.ask?.error).toMatchObject({ code: 'rejected' });
  runs.close();
});
