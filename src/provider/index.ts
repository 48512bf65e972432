/** `threadline/provider`: all that a provider, ours or a stranger's, needs of the host. */

export { checkSchema, type SchemaIssue } from '../check-schema.ts';
export { Duration, durationMs } from '../duration.ts';
export { type ErrorCode, ThreadlineError, toThreadlineError } from '../errors.ts';
export type { ProviderEvent, Usage } from '../event.ts';
export { isObject, type Json, type JsonObject, toJson, toText } from '../json.ts';
export { checkJsonSchema, compileJsonSchema } from '../json-schema.ts';
export { momentOf } from '../moment.ts';

export {
  Closed,
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
} from '../schema.ts';
export { didYouMean } from '../suggest.ts';

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
  type ItemTemplate,
  ItemValue,
  type ParamsProblem,
  type Provider,
  type ProviderContext,
  Step,
  type StepTemplate,
  type ThreadAccess,
  type WorkflowFile,
  type WorkflowSignature,
  type WorkflowStart,
} from './contract.ts';
export { isAllowedHost, publicLookup, refuseNonPublicAddress } from './guard.ts';
