/**
 * `threadline/provider`: what a provider needs of the host. The capability of those that put other work together,
 * `context.runtime`, has its types in `threadline/runtime`.
 */

export type { FetchInit, GuardedFetch } from '../fetch/guarded-fetch.ts';
export { describeUrl, isRepeatable } from '../fetch/outgoing.ts';
export type { ProviderEvent, Usage } from '../plan/event.ts';
export { type ErrorCode, ThreadlineError, type ThreadlineErrorOptions, toThreadlineError } from '../shared/errors/errors.ts';
export { isObject, type Json, type JsonNumber, type JsonObject, toJson, toText } from '../shared/json/json.ts';
export { isNumber } from '../shared/json/number.ts';
export { parseJson } from '../shared/json/parse-json.ts';
export type { Logger, LogLevel } from '../shared/log/logger.ts';
export {
  Closed,
  ErrorCodeName,
  FilePath,
  FilePattern,
  isGlob,
  OneOf,
  Otherwise,
  type Static,
  type TArray,
  type TBoolean,
  type TInteger,
  type TLiteral,
  type TNull,
  type TNumber,
  type TObject,
  type TOptional,
  type TRecord,
  type TSchema,
  type TString,
  type TUnion,
  type TUnknown,
  type TUnsafe,
  Type,
  Url,
} from '../shared/schema/schema.ts';
export { Duration, durationMs } from '../shared/time/duration.ts';
export { momentOf, TIME_FORMS } from '../shared/time/moment.ts';
export { LONGEST_TIMER_MS } from '../shared/time/timer.ts';
export {
  type CheckFiles,
  defineProvider,
  type Finding,
  type InspectionSubject,
  type ParamsProblem,
  type Provider,
  type ProviderContext,
  type WorkflowFile,
  type WorkflowFiles,
} from './contract.ts';
export { abortReason, withDeadline } from './deadline.ts';
