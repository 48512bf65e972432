import type { Json, JsonObject } from '../../shared/json/json.ts';

/**
 * The known alerts: every event as it was received, and the fields written on the alerts since (enrichments).
 *
 * - An alert is JSON with a `fingerprint`; events of one fingerprint are one alert. Other fields are kept as they come.
 *   `status` counts as firing, resolved, acknowledged, suppressed, pending or maintenance, by the words that senders use
 *   for them (`OK`, `closed`); anything else counts as firing.
 * - Times are milliseconds since 1970. `atMs` of a reading method is the moment that the caller asks about: a dismissal
 *   that has ended by then no longer counts. The store reads no clock.
 * - Newest means recorded last, whatever time the event itself states.
 * - Prototype keys are removed from data. An event, the fields of one enrichment and a note take 1 MiB of JSON at most,
 *   fingerprints and keys 1 KiB: ThreadlineError `invalid_input` otherwise.
 * - Calls are synchronous, and each takes effect wholly or not at all. Several processes may use one file.
 *   A file that cannot be used is a ThreadlineError `invalid_config`.
 */
export interface AlertStore {
  /**
   * Records an event of an alert; the same event twice is two events. A `fingerprint` text is required (`invalid_input`).
   *
   * Sets the fields that Keep sets:
   * - `lastReceived` (ISO 8601), if there is none
   * - `firingStartTime`: kept while the alert goes on firing, anew when it fires again, null when it does not fire;
   *   the first event of an alert may bring its own, or a `startedAt`
   * - `firingStartTimeSinceLastResolved`: the same, but kept while the alert is acknowledged, suppressed or pending
   * - `firingCounter`: events since it was last acknowledged (0 then); `unresolvedCounter`: since it was last resolved
   *
   * The status before includes enrichments: an alert that fires after it was enriched as resolved is a new firing. Then the
   * disposable enrichments are removed.
   */
  receive(alert: JsonObject, atMs: number): Received;

  /** The latest event with enrichments on top; undefined if no event was received. */
  get(fingerprint: string, atMs: number): JsonObject | undefined;

  /** Events as received, newest first, without enrichments. */
  history(fingerprint: string, limit?: number): JsonObject[];

  /** The latest state of each alert, newest first. `sinceMs`: only those whose latest event was received then or later. */
  list(options: ListOptions): JsonObject[];

  /**
   * Writes fields on top of the alert's own, until they are removed. A disposable field is removed by the next event of the
   * alert, whatever it is, and the value below shows again. Of two fields with one key the last one written counts.
   * The fingerprint need not have been received yet.
   *
   * - `status` is a field like the others: without `disposable` it covers the status of all events to come.
   * - `dismissed: true` with `dismissUntil` or `dismissedUntil` (ISO 8601; "forever", empty and null mean without end) reads
   *   as `dismissed: false` from that time on, and an enriched `status: suppressed` no longer counts then.
   *   An end that is not a time is `invalid_input`.
   * - `fingerprint` cannot be enriched (`invalid_input`).
   */
  enrich(fingerprint: string, fields: JsonObject, options: EnrichOptions): void;

  /** Removes enriched fields, disposable or not; the alert's own show again. Keys that are not there are ignored. */
  unenrich(fingerprint: string, keys: readonly string[], options: ChangeOptions): void;

  /**
   * The enrichments, newest first: `{at: ISO 8601, by: text or null, fields: {…}, removed: [key, …]}`.
   * Disposable fields that an event has removed are listed as removed by "threadline".
   */
  audit(fingerprint: string, limit?: number): JsonObject[];

  /** Writes fields on an incident. */
  enrichIncident(id: string, fields: JsonObject, options: ChangeOptions): void;
  incidentEnrichments(id: string): JsonObject;

  /** When the present firing began; undefined if that is not known, or if the alert, with enrichments, does not fire. */
  firingSince(fingerprint: string, atMs: number): number | undefined;

  /** When the firing event before the latest firing event was received; undefined if there is none. */
  previousFiring(fingerprint: string): number | undefined;

  /** Stores a small note, in place of the one with that key: for throttling and `last_workflow_results`. */
  remember(key: string, value: Json, atMs: number): void;
  recall(key: string): Note | undefined;
  forget(key: string): void;

  /** Deletes the events received before that time, except each alert's latest; returns their number. */
  prune(beforeMs: number): number;

  /** May be called twice. */
  close(): void;
}

export interface Received {
  /** The alert as stored now, with enrichments. */
  alert: JsonObject;
  /** The alert before this event, with all enrichments, disposable ones too; undefined for the first event. */
  previous: JsonObject | undefined;
}

export interface ListOptions {
  atMs: number;
  limit?: number;
  sinceMs?: number;
}

export interface ChangeOptions {
  atMs: number;
  /** The author of the change: a workflow, a user. */
  by?: string;
  /** Whether the change is recorded in the audit; true by default. */
  audited?: boolean;
}

export interface EnrichOptions extends ChangeOptions {
  disposable?: boolean;
}

export interface Note {
  value: Json;
  atMs: number;
}
