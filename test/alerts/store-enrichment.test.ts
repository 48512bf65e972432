import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openAlertStore } from '../../src/alerts/store/sqlite.ts';
import type { AlertStore } from '../../src/alerts/store/store.ts';
import type { JsonObject } from '../../src/shared/json/json.ts';

const NOON = Date.UTC(2026, 0, 15, 12);
const at = (minutes: number) => NOON + minutes * 60_000;
const iso = (minutes: number) => new Date(at(minutes)).toISOString();

let store: AlertStore;
beforeEach(() => {
  store = openAlertStore(':memory:');
  store.receive({ fingerprint: 'disk', status: 'firing', severity: 'high' }, at(0));
});
afterEach(() => store.close());

const get = (minutes = 1) => store.get('disk', at(minutes));
const enrich = (fields: JsonObject, options: object = {}) => store.enrich('disk', fields, { atMs: at(1), ...options });
const fireAgain = (minutes: number, more: JsonObject = {}) =>
  store.receive({ fingerprint: 'disk', status: 'firing', ...more }, at(minutes));

describe('an enrichment', () => {
  test('covers the event wherever the alert is read, and survives later events', () => {
    enrich({ ticket: 'OPS-1', severity: 'low', nested: { a: [1] } });
    const enriched = { ticket: 'OPS-1', severity: 'low', nested: { a: [1] }, status: 'firing' };
    expect(get()).toMatchObject(enriched);
    expect(store.list({ atMs: at(1) })).toMatchObject([enriched]);
    const { alert, previous } = fireAgain(2, { severity: 'critical' });
    expect([alert.severity, previous?.severity]).toEqual(['low', 'low']);
  });

  test('leaves the history as it was received', () => {
    enrich({ severity: 'low' });
    expect(store.history('disk')).toMatchObject([{ severity: 'high' }]);
  });

  test('replaces an earlier one of the same field; other fields stay', () => {
    enrich({ ticket: 'OPS-1', team: 'sre' });
    enrich({ ticket: null });
    expect(get()).toMatchObject({ ticket: null, team: 'sre' });
  });

  test('can be written before the alert is received', () => {
    store.enrich('later', { team: 'sre' }, { atMs: at(1) });
    expect(store.get('later', at(1))).toBeUndefined();
    expect(store.list({ atMs: at(1) })).toHaveLength(1);
    expect(store.receive({ fingerprint: 'later' }, at(2)).alert.team).toBe('sre');
  });

  test('is removed by key, and the alert’s own value shows again', () => {
    enrich({ severity: 'low', ticket: 'OPS-1' });
    enrich({ severity: 'info' }, { disposable: true });
    store.unenrich('disk', ['severity', 'ticket', 'nothing'], { atMs: at(2) });
    expect(get()).toMatchObject({ severity: 'high' });
    expect(get()).not.toHaveProperty('ticket');
  });

  test('cannot change the fingerprint', () => {
    expect(() => enrich({ fingerprint: 'other' })).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });

  test('of more than 1 MiB is refused', () => {
    expect(() => enrich({ log: 'x'.repeat(1024 * 1024) })).toThrow(/enriched with takes \d+ bytes/);
    expect(store.audit('disk')).toEqual([]);
  });

  test('of a value nested a thousand levels deep is read back', () => {
    const deep = JSON.parse(`${'['.repeat(2000)}1${']'.repeat(2000)}`);
    enrich({ deep });
    expect(JSON.stringify(get()?.deep)).toBe(JSON.stringify(deep));
  });
});

describe('a disposable enrichment', () => {
  test('is removed by the next event, whatever it is, and shows in the alert before it', () => {
    enrich({ status: 'acknowledged', note: 'on it' }, { disposable: true });
    expect(get()).toMatchObject({ status: 'acknowledged', note: 'on it' });
    const { alert, previous } = fireAgain(2);
    expect(previous).toMatchObject({ status: 'acknowledged', note: 'on it' });
    expect(alert.status).toBe('firing');
    expect(alert).not.toHaveProperty('note');
  });

  test('uncovers the lasting one below it', () => {
    enrich({ team: 'sre' });
    enrich({ team: 'night shift' }, { disposable: true });
    expect(get()?.team).toBe('night shift');
    expect(fireAgain(2).alert.team).toBe('sre');
  });

  test('is replaced by a lasting one that is written later', () => {
    enrich({ team: 'night shift' }, { disposable: true });
    enrich({ team: 'sre' });
    expect(get()?.team).toBe('sre');
    expect(fireAgain(2).alert.team).toBe('sre');
  });

  test('of the status ends with the next event; one without `disposable` covers all later events', () => {
    enrich({ status: 'resolved' });
    expect(fireAgain(2).alert.status).toBe('resolved');
    store.unenrich('disk', ['status'], { atMs: at(3) });
    expect(get()?.status).toBe('firing');
  });
});

describe('a dismissal', () => {
  test.each(['dismissUntil', 'dismissedUntil'])('ends at its %s', (end) => {
    enrich({ dismissed: true, [end]: iso(30) });
    expect([get(29)?.dismissed, get(30)?.dismissed]).toEqual([true, false]);
    expect(store.list({ atMs: at(30) })).toMatchObject([{ dismissed: false }]);
    expect(get(30)?.[end]).toBe(iso(30));
  });

  test.each([['forever'], [''], [null], [undefined]])('with the end %j does not end', (end) => {
    enrich(end === undefined ? { dismissed: 'True' } : { dismissed: true, dismissUntil: end });
    expect(get(1_000_000)?.dismissed).toBe(true);
  });

  test('ends the suppressed status, too', () => {
    enrich({ dismissed: true, dismissedUntil: iso(30), status: 'suppressed' });
    expect([get(29)?.status, get(31)?.status]).toEqual(['suppressed', 'firing']);
    expect([store.firingSince('disk', at(29)), store.firingSince('disk', at(31))]).toEqual([undefined, at(0)]);
  });

  test('does not keep the end of an earlier dismissal', () => {
    enrich({ dismissed: true, dismissUntil: iso(30) });
    enrich({ dismissed: true, dismissedUntil: iso(60) });
    expect([get(45)?.dismissed, get(60)?.dismissed]).toEqual([true, false]);
    enrich({ dismissed: true });
    expect(get(1_000)?.dismissed).toBe(true);
  });

  test('that is removed loses its end, too', () => {
    enrich({ dismissed: true, dismissUntil: iso(30) });
    store.unenrich('disk', ['dismissed'], { atMs: at(2) });
    expect(get()).not.toHaveProperty('dismissed');
    expect(get()).not.toHaveProperty('dismissUntil');
  });

  test('until a time that cannot be read is refused', () => {
    expect(() => enrich({ dismissed: true, dismissUntil: 'tomorrow' })).toThrow(
      /end of the dismissal is not a valid time: "tomorrow"/,
    );
  });

  test('in an event counts the same way', () => {
    fireAgain(2, { dismissed: true, dismissUntil: iso(30) });
    expect([get(3)?.dismissed, get(30)?.dismissed]).toEqual([true, false]);
  });
});

describe('the audit', () => {
  test('records who wrote and removed what, and when, newest first', () => {
    enrich({ ticket: 'OPS-1' }, { by: 'triage' });
    enrich({ note: 'x' }, { atMs: at(2), disposable: true });
    fireAgain(3);
    store.unenrich('disk', ['ticket', 'ticket', 'nothing'], { atMs: at(4), by: 'ann' });
    store.unenrich('disk', ['nothing'], { atMs: at(5) });
    expect(store.audit('disk')).toEqual([
      { at: iso(4), by: 'ann', fields: {}, removed: ['ticket'] },
      { at: iso(3), by: 'threadline', fields: {}, removed: ['note'] },
      { at: iso(2), by: null, fields: { note: 'x' }, removed: [] },
      { at: iso(1), by: 'triage', fields: { ticket: 'OPS-1' }, removed: [] },
    ]);
    expect(store.audit('disk', 1)).toHaveLength(1);
    expect(store.audit('other')).toEqual([]);
  });
});

describe('an incident', () => {
  test('has enrichments of its own, separate from those of an alert of the same name', () => {
    expect(store.incidentEnrichments('disk')).toEqual({});
    store.enrichIncident('disk', { tier: 1, team: 'sre' }, { atMs: at(1) });
    store.enrichIncident('disk', { tier: 2 }, { atMs: at(2), by: 'ann' });
    expect(store.incidentEnrichments('disk')).toEqual({ tier: 2, team: 'sre' });
    expect(get()).not.toHaveProperty('tier');
    expect(store.audit('disk')).toEqual([]);
  });
});
