import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openAlertStore } from '../../src/alerts/store/sqlite.ts';
import type { AlertStore } from '../../src/alerts/store/store.ts';
import type { JsonObject } from '../../src/shared/json/json.ts';

const MINUTE = 60_000;
const NOON = Date.UTC(2026, 0, 15, 12);
const at = (minutes: number) => NOON + minutes * MINUTE;
const iso = (minutes: number) => new Date(at(minutes)).toISOString();

let store: AlertStore;
beforeEach(() => {
  store = openAlertStore(':memory:');
});
afterEach(() => store.close());

const receive = (status: string, minutes: number, more: JsonObject = {}) =>
  store.receive({ fingerprint: 'disk', name: 'Disk is full', status, ...more }, at(minutes));

describe('a received event', () => {
  test('is read back with all its fields and its time of receipt', () => {
    const { alert, previous } = receive('firing', 0, { severity: 'high', labels: { pod: 'a-1' }, oddities: [1, null] });
    expect(previous).toBeUndefined();
    expect(alert).toMatchObject({ name: 'Disk is full', severity: 'high', labels: { pod: 'a-1' }, oddities: [1, null] });
    expect(alert.lastReceived).toBe(iso(0));
    expect(store.get('disk', at(0))).toEqual(alert);
  });

  test('keeps the time that its sender gave', () => {
    expect(receive('firing', 5, { lastReceived: '2026-01-15T12:00:00Z' }).alert.lastReceived).toBe('2026-01-15T12:00:00Z');
  });

  test('is later than all recorded ones; a repeated event is one more event', () => {
    receive('firing', 0);
    const { previous } = receive('firing', 0);
    expect(previous?.status).toBe('firing');
    receive('resolved', 3);
    expect(store.history('disk').map(({ status }) => status)).toEqual(['resolved', 'firing', 'firing']);
    expect(store.history('disk', 1)).toHaveLength(1);
    expect(store.history('other')).toEqual([]);
  });

  test('is copied: later changes of the caller do not reach the store', () => {
    const labels = { pod: 'a' };
    receive('firing', 0, { labels });
    labels.pod = 'b';
    expect(store.get('disk', at(0))?.labels).toEqual({ pod: 'a' });
  });

  test('loses keys that reach a prototype, as do enrichments and notes', () => {
    const evil = JSON.parse('{"fingerprint":"e","__proto__":{"polluted":1},"labels":{"constructor":1,"fine":2}}');
    store.receive(evil, at(0));
    store.enrich('e', JSON.parse('{"__proto__":{"polluted":1},"prototype":1,"team":"sre"}'), { atMs: at(0) });
    store.remember('n', JSON.parse('{"__proto__":{"polluted":1}}'), at(0));
    const alert = store.get('e', at(0)) ?? {};
    expect(Object.keys(alert)).not.toEqual(expect.arrayContaining(['__proto__']));
    expect(alert).toMatchObject({ labels: { fine: 2 }, team: 'sre' });
    expect([alert.polluted, alert.prototype, store.recall('n')?.value]).toEqual([undefined, undefined, {}]);
  });

  test.each([
    ['no fingerprint', { name: 'x' }, /fingerprint of the alert is missing/],
    ['a fingerprint that is not a text', { fingerprint: 7 }, /fingerprint of the alert is missing or is not a text/],
    ['an empty fingerprint', { fingerprint: '' }, /missing/],
    ['a fingerprint over 1 KiB', { fingerprint: 'ä'.repeat(513) }, /longer than 1024 bytes/],
    ['more than 1 MiB', { fingerprint: 'big', log: 'x'.repeat(1024 * 1024) }, /The alert takes \d+ bytes as JSON; 1048576 can/],
  ])('is refused with %s, and nothing of it is stored', (_title, alert, sentence) => {
    expect(() => store.receive(alert as JsonObject, at(0))).toThrow(sentence);
    expect(() => store.receive(alert as JsonObject, at(0))).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    expect(store.list({ atMs: at(0) })).toEqual([]);
  });

  test.each(['a\0b', 'ключ 🔥', "'; DROP TABLE events; --", '__proto__', 'x'.repeat(1024)])(
    'may have any text as its fingerprint: %j',
    (fingerprint) => {
      store.receive({ fingerprint, name: 'one' }, at(0));
      store.enrich(fingerprint, { team: 'sre' }, { atMs: at(0) });
      expect(store.get(fingerprint, at(0))).toMatchObject({ fingerprint, name: 'one', team: 'sre' });
      expect(store.history(fingerprint)).toHaveLength(1);
    },
  );
});

describe('a firing', () => {
  test('begins with its first event and lasts until the alert is resolved', () => {
    const starts = [
      receive('firing', 0).alert.firingStartTime,
      receive('firing', 10).alert.firingStartTime,
      receive('resolved', 20).alert.firingStartTime,
      receive('firing', 30).alert.firingStartTime,
      receive('firing', 40).alert.firingStartTime,
    ];
    expect(starts).toEqual([iso(0), iso(0), null, iso(30), iso(30)]);
    expect(store.firingSince('disk', at(41))).toBe(at(30));
  });

  test('begins at the time that the sender states, in any notation of times', () => {
    const begins = (lastReceived: string | number) => {
      const fingerprint = `at ${lastReceived}`;
      store.receive({ fingerprint, status: 'firing', lastReceived }, at(99));
      return store.firingSince(fingerprint, at(99));
    };
    for (const time of [
      '2026-01-15T12:00:00Z',
      '2026-01-15 12:00:00.000000+00:00',
      '2026-01-15T14:00+0200',
      '2026-01-15T12:00:00',
    ])
      expect([time, begins(time)]).toEqual([time, NOON]);
    for (const time of [NOON, NOON / 1000, `${NOON / 1000}.0`]) expect([time, begins(time)]).toEqual([time, NOON]);
    for (const time of ['yesterday', 'alert 5', '9'.repeat(30), '2026-99-99'])
      expect([time, begins(time)]).toEqual([time, at(99)]);
  });

  test('has no start while the alert is resolved, acknowledged or unknown', () => {
    receive('acknowledged', 0);
    expect(store.firingSince('disk', at(1))).toBeUndefined();
    receive('resolved', 1);
    expect(store.firingSince('disk', at(2))).toBeUndefined();
    expect(store.firingSince('other', at(2))).toBeUndefined();
  });

  test.each(['RESOLVED', 'ok', 'Closed', 'recovered'])('ends with %s, as senders call it', (status) => {
    receive('Alerting', 0);
    expect(store.firingSince('disk', at(1))).toBe(at(0));
    expect(receive(status, 5).alert).toMatchObject({ status, firingStartTime: null, unresolvedCounter: 0 });
    expect(store.firingSince('disk', at(6))).toBeUndefined();
    receive('firing', 30);
    expect(store.firingSince('disk', at(31))).toBe(at(30));
  });

  test('goes on under a status that is not known', () => {
    receive('firing', 0);
    receive('flapping', 5);
    expect(store.firingSince('disk', at(6))).toBe(at(0));
  });

  test('ends when someone resolves the alert, and the next event begins a new one', () => {
    receive('firing', 0);
    store.enrich('disk', { status: 'resolved' }, { atMs: at(10), disposable: true });
    expect(store.firingSince('disk', at(11))).toBeUndefined();
    const { alert, previous } = receive('firing', 30);
    expect([previous?.status, alert.status, alert.firingStartTime]).toEqual(['resolved', 'firing', iso(30)]);
    expect(store.firingSince('disk', at(31))).toBe(at(30));
  });

  test('keeps its start since the last resolution through acknowledgements', () => {
    const starts = ['firing', 'acknowledged', 'firing', 'resolved', 'firing'].map(
      (status, index) => receive(status, index * 10).alert.firingStartTimeSinceLastResolved,
    );
    expect(starts).toEqual([iso(0), iso(0), iso(0), null, iso(40)]);
  });

  test('begins at the earlier start that the first event states', () => {
    expect(receive('firing', 0, { firingStartTime: iso(-90) }).alert.firingStartTime).toBe(iso(-90));
    expect(receive('firing', 5, { firingStartTime: iso(-10) }).alert.firingStartTime).toBe(iso(-90));
  });

  test('is counted since the last acknowledgement, and unresolved events since the last resolution', () => {
    const counters = (alert: JsonObject) => [alert.firingCounter, alert.unresolvedCounter];
    const counted = ['firing', 'firing', 'acknowledged', 'firing', 'resolved', 'firing'].map((status, index) =>
      counters(receive(status, index).alert),
    );
    expect(counted).toEqual([
      [1, 1],
      [2, 2],
      [0, 3],
      [1, 4],
      [2, 0],
      [3, 1],
    ]);
    store.enrich('disk', { status: 'acknowledged' }, { atMs: at(7), disposable: true });
    expect(store.get('disk', at(7))?.firingCounter).toBe(0);
    expect(receive('firing', 8).alert.firingCounter).toBe(1);
  });

  test('before the latest one is found by its time of receipt', () => {
    expect(store.previousFiring('disk')).toBeUndefined();
    receive('firing', 0);
    receive('resolved', 5);
    expect(store.previousFiring('disk')).toBeUndefined();
    receive('firing', 30);
    expect(store.previousFiring('disk')).toBe(at(0));
    receive('firing', 40);
    receive('resolved', 50);
    expect(store.previousFiring('disk')).toBe(at(30));
  });
});

describe('the list', () => {
  test('has each alert once, the one with the newest event first', () => {
    store.receive({ fingerprint: 'a' }, at(0));
    store.receive({ fingerprint: 'b' }, at(1));
    store.receive({ fingerprint: 'a', status: 'resolved' }, at(2));
    const names = (options: object = {}) => store.list({ atMs: at(3), ...options }).map(({ fingerprint }) => fingerprint);
    expect([names(), names({ limit: 1 }), names({ sinceMs: at(2) }), names({ sinceMs: at(3) })]).toEqual([
      ['a', 'b'],
      ['a'],
      ['a'],
      [],
    ]);
  });

  test('of 10,000 alerts is read quickly', () => {
    for (let count = 0; count < 10_000; count++) store.receive({ fingerprint: `a${count}`, status: 'firing' }, at(count));
    store.enrich('a9999', { team: 'sre' }, { atMs: at(0) });
    const began = performance.now();
    const list = store.list({ atMs: at(10_000) });
    expect(list).toHaveLength(10_000);
    expect(list[0]).toMatchObject({ fingerprint: 'a9999', team: 'sre' });
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('pruning', () => {
  test('deletes old events and keeps the latest of each alert, with its enrichments', () => {
    for (const minutes of [0, 1, 2]) receive('firing', minutes);
    store.receive({ fingerprint: 'quiet' }, at(0));
    store.enrich('quiet', { team: 'sre' }, { atMs: at(0) });
    expect(store.prune(at(2))).toBe(2);
    expect(store.prune(at(100))).toBe(0);
    expect(store.history('disk').map(({ lastReceived }) => lastReceived)).toEqual([iso(2)]);
    expect(store.get('quiet', at(100))?.team).toBe('sre');
    expect(receive('firing', 101).alert).toMatchObject({ firingStartTime: iso(0), firingCounter: 4 });
  });
});

describe('notes', () => {
  test('are stored with their time, replaced, and deleted', () => {
    expect(store.recall('k')).toBeUndefined();
    store.remember('k', { runs: [1, null] }, at(0));
    store.remember('k', { runs: [2] }, at(1));
    store.remember('nothing', null, at(2));
    expect(store.recall('k')).toEqual({ value: { runs: [2] }, atMs: at(1) });
    expect(store.recall('nothing')).toEqual({ value: null, atMs: at(2) });
    store.forget('k');
    store.forget('k');
    expect(store.recall('k')).toBeUndefined();
  });
});
