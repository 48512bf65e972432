import {
  Closed,
  Duration,
  defineProvider,
  durationMs,
  type JsonObject,
  OneOf,
  ThreadlineError,
  Type,
  toJson,
} from 'threadline/provider';
import { type Approval, askForApproval, rejectionText } from 'threadline/runtime';

/** Waits for a person's decision without occupying a process. */
export default defineProvider({
  description: 'Asks a person, and waits for the answer.',
  orchestrates: true,
  gates: ({ on_reject }) => on_reject !== 'continue',
  config: Closed({}),
  params: Closed({
    message: Type.String({ minLength: 1, description: 'The question.' }),
    details: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'What helps to decide: shown with the question.' }),
    ),
    approvers: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        minItems: 1,
        description: 'Names of the people who may answer; by default anybody.',
      }),
    ),
    timeout: Type.Optional(Duration('How long an answer is waited for; without end when it is not given.')),
    on_timeout: Type.Optional(
      OneOf(['fail', 'reject', 'approve'], { description: 'Result if nobody answers in time.', default: 'fail' }),
    ),
    on_reject: Type.Optional(
      OneOf(['fail', 'continue'], {
        description: 'Whether the step fails when the answer is no; else later steps can read `results.approved`.',
        default: 'fail',
      }),
    ),
  }),
  results: () =>
    Closed({
      approved: Type.Boolean(),
      by: Type.Union([Type.String(), Type.Null()]),
      comment: Type.Union([Type.String(), Type.Null()]),
      at: Type.Union([Type.String(), Type.Null()]),
    }),
  examples: {
    message: 'Restart {{ alert.host }}?',
    details: { reason: '{{ steps.triage.results.message }}' },
    approvers: ['ada', 'grace'],
    timeout: '1d',
    on_timeout: 'reject',
    on_reject: 'continue',
  },
  async run({ message, details, approvers, timeout, on_timeout = 'fail', on_reject = 'fail' }, context) {
    const question = {
      message,
      ...(approvers ? { approvers } : {}),
      ...(details ? { details: toJson(details) as JsonObject } : {}),
    };
    const untilMs = timeout === undefined ? undefined : context.runtime.now() + (durationMs(timeout) ?? 0);
    const answer = await askForApproval(context.runtime, { name: context.step.path, question, untilMs });
    const approval = answer ?? unanswered(on_timeout);
    if (approval.approved || on_reject === 'continue') return approval;
    throw new ThreadlineError('rejected', rejectionText(approval), {
      hint: 'With `on_reject: continue`, the run continues, and the results have `approved: false`.',
      details: { ...approval },
    });
  },
});

function unanswered(policy: 'fail' | 'reject' | 'approve'): Approval {
  if (policy !== 'fail')
    return { approved: policy === 'approve', by: null, comment: 'nobody answered in time', at: new Date().toISOString() };
  throw new ThreadlineError('timeout', 'Nobody answered in time.', {
    hint: 'Raise `timeout`, or say by `on_timeout` what that means.',
    retryable: false,
  });
}
