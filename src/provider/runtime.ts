/**
 * `threadline/runtime`: for providers that put other work together: functions that are steps, calls of workflows, waits and
 * approvals, conversations that outlive a run. It grows with the providers of this package, and may change with any release.
 */

export type { ItemTemplate, StepTemplate } from '../plan/step-template.ts';
export { addUsage, noUsage } from '../plan/usage.ts';
export { checkSchema, type SchemaIssue } from '../shared/schema/check-schema.ts';
export { checkJsonSchema, compileJsonSchema } from '../shared/schema/json-schema.ts';
export {
  type RefusalOptions,
  type SchemaRefusal,
  type SchemaRule,
  type SchemaUse,
  schemaRefusals,
} from '../shared/schema/refused-schema.ts';
export { KeyText, Program, WorkflowPath } from '../shared/schema/schema.ts';
export { didYouMean } from '../shared/text/suggest.ts';
export { messagesOf } from '../threads/messages.ts';
export {
  lockNameOf,
  lockNamesOf,
  type RemoteObject,
  type RemoteThread,
  type StoredItem,
  scopeOf,
  type Thread,
  type ThreadItem,
  type ThreadKey,
  type ThreadLock,
  type ThreadStore,
} from '../threads/store.ts';
export { type Approval, askForApproval, rejectionText } from './approval.ts';
export {
  ItemCondition,
  ItemField,
  ItemValue,
  type Runtime,
  Step,
  type ThreadAccess,
  type WorkflowSignature,
  type WorkflowStart,
} from './contract.ts';
