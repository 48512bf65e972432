import type { Json, JsonObject } from '../../shared/json/json.ts';

/**
 * What is known of alerts: every event as it was received, and what was written on the alerts since (enrichments).
 *
 * - An alert is JSON with a `fingerprint`; events of one fingerprint are one alert. Other fields are kept as they come.
 *   `status` is firing, resolved, acknowledged, suppressed, pending or maintenance; anything else counts as firing.
 * - Times are milliseconds since 1970. `atMs` of a reading method is the moment that is asked about: a dismissal
 *   that has ended by then no longer counts. The store reads no clock.
 * - Newest means recorded last, whatever time an event says it is of.
 * - Data comes in without prototype keys. An event, the fields of one enrichment and a note take 1 MiB of JSON at most,
 *   fingerprints and keys 1 KiB: ThreadlineError `invalid_input` otherwise.
 * - Calls are synchronous, and each one is done wholly or not at all. Several processes may use one file.
 *   A file that cannot be used is a ThreadlineError `invalid_config`.
 */
export interface AlertStore {
  /**
   * Records an event of an alert; the same event twice is two events. A `fingerprint` text is required (`invalid_input`).
   *
   * Sets what Keep sets:
   * - `lastReceived` (ISO 8601), where there is none
   * - `firingStartTime`: kept while the alert goes on firing, anew when it fires again, null when it does not fire;
   *   the first event of an alert may bring its own, or a `startedAt`
   * - `firingStartTimeSinceLastResolved`: the same, but kept while the alert is acknowledged, suppressed or pending
   * - `firingCounter`: events since it was last acknowledged (0 then); `unresolvedCounter`: since it was last resolved
   *
   * The status before counts as it was enriched: firing again after someone has enriched it as resolved is a new firing.
   * Then the disposable enrichments go.
   */
  receive(alert: JsonObject, atMs: number): Received;

  /** The latest event with enrichments on top; undefined when no event was received. */
  get(fingerprint: string, atMs: number): JsonObject | undefined;

  /** Events as received, newest first, without enrichments. */
  history(fingerprint: string, limit?: number): JsonObject[];

  /** The latest state of each alert, newest first. `sinceMs`: only those whose latest event was received then or later. */
  list(options: ListOptions): JsonObject[];

  /**
   * Writes fields on top of the alert's own, until they are taken back; a disposable field goes with the next event of the
   * alert, whatever that is, and what it has covered shows again. The field that was written last is the one that counts.
   * Works for a fingerprint that has not been received yet.
   *
   * - `status` is a field like the others: without `disposable` it covers the status of all events to come.
   * - `dismissed: true` with `dismissUntil` or `dismissedUntil` (ISO 8601; "forever", empty and null mean without end) reads
   *   as `dismissed: false` from that time on, and `status: suppressed` that was enriched no longer counts then.
   *   An end that is no time is `invalid_input`.
   * - `fingerprint` cannot be enriched (`invalid_input`).
   */
  enrich(fingerprint: string, fields: JsonObject, options: EnrichOptions): void;

  /** Takes enriched fields back, disposable or not; the alert's own show again. Keys that are not there do no harm. */
  unenrich(fingerprint: string, keys: readonly string[], options: ChangeOptions): void;

  /**
   * What was enriched, newest first: `{at: ISO 8601, by: text or null, fields: {…}, removed: [key, …]}`.
   * Disposable fields that go with an event stand there as removed by "threadline".
   */
  audit(fingerprint: string, limit?: number): JsonObject[];

  /** Writes fields on an incident. */
  enrichIncident(id: string, fields: JsonObject, options: ChangeOptions): void;
  incidentEnrichments(id: string): JsonObject;

  /** When its present firing began; undefined when it is not firing (enrichments count) or that is not known. */
  firingSince(fingerprint: string, atMs: number): number | undefined;

  /** When the firing event before the latest firing event was received; undefined when there was none. */
  previousFiring(fingerprint: string): number | undefined;

  /** Small notes with a key: what throttling and `last_workflow_results` remember. The last one stays. */
  remember(key: string, value: Json, atMs: number): void;
  recall(key: string): Note | undefined;
  forget(key: string): void;

  /** Deletes events received before that, but for each alert's latest; returns how many. */
  prune(beforeMs: number): number;

  /** May be called twice. */
  close(): void;
}

export interface Received {
  /** As stored now, enrichments applied. */
  alert: JsonObject;
  /** As it stood before this event, enrichments applied (disposable ones too); undefined for the first. */
  previous: JsonObject | undefined;
}

export interface ListOptions {
  atMs: number;
  limit?: number;
  sinceMs?: number;
}

export interface ChangeOptions {
  atMs: number;
  /** Who did it: a workflow, a user. */
  by?: string;
  /** Whether the change is kept in the audit. Default true. */
  audited?: boolean;
}

export interface EnrichOptions extends ChangeOptions {
  disposable?: boolean;
}

export interface Note {
  value: Json;
  atMs: number;
}
