/** `threadline/provider`: all that a provider, ours or a stranger's, needs of the host. */

export type { ProviderEvent, Usage } from '../plan/event.ts';
export type { ItemTemplate, StepTemplate } from '../plan/step-template.ts';
export { type ErrorCode, ThreadlineError, toThreadlineError } from '../shared/errors/errors.ts';
export { isObject, type Json, type JsonObject, toJson, toText } from '../shared/json/json.ts';
export { checkSchema, type SchemaIssue } from '../shared/schema/check-schema.ts';
export { checkJsonSchema, compileJsonSchema } from '../shared/schema/json-schema.ts';
export {
  Closed,
  ErrorCodeName,
  FilePath,
  FilePattern,
  isGlob,
  OneOf,
  Otherwise,
  Program,
  type Static,
  type TSchema,
  Type,
  Url,
  WorkflowPath,
} from '../shared/schema/schema.ts';
export { didYouMean } from '../shared/text/suggest.ts';
export { Duration, durationMs } from '../shared/time/duration.ts';
export { momentOf } from '../shared/time/moment.ts';
export type {
  RemoteObject,
  RemoteThread,
  StoredItem,
  Thread,
  ThreadItem,
  ThreadLock,
  ThreadStore,
} from '../threads/store.ts';
export { type Approval, askForApproval, rejectionText } from './approval.ts';
export {
  type CheckFiles,
  defineProvider,
  type Finding,
  type InspectionSubject,
  ItemCondition,
  ItemValue,
  type ParamsProblem,
  type Provider,
  type ProviderContext,
  Step,
  type ThreadAccess,
  type WorkflowFile,
  type WorkflowSignature,
  type WorkflowStart,
} from './contract.ts';
export { isAllowedHost, publicLookup, refuseNonPublicAddress } from './guard.ts';
