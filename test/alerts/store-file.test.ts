import { execFile } from 'node:child_process';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { openAlertStore } from '../../src/alerts/store/sqlite.ts';
import { openDatabase } from '../../src/database/sqlite.ts';
import { folderWith } from '../support/cli.ts';

const run = promisify(execFile);
const source = (path: string) => pathToFileURL(join(import.meta.dirname, '../..', path)).href;
const freshFile = (name = 'alerts.db') => join(folderWith({}), name);

/** Runs a module in another process, with `openAlertStore` and `openDatabase` in scope. */
const child = (code: string, ...args: string[]) => {
  const imports = `
    import { openAlertStore } from '${source('src/alerts/store/sqlite.ts')}';
    import { openDatabase } from '${source('src/database/sqlite.ts')}';
    const [file, name] = process.argv.slice(1);`;
  return run(process.execPath, ['--input-type=module', '-e', imports + code, ...args]);
};

describe('a store in a file', () => {
  test('has everything again when it is reopened', () => {
    const file = freshFile();
    const before = openAlertStore(file);
    before.receive({ fingerprint: 'a', status: 'firing' }, 1_000);
    before.enrich('a', { team: 'sre' }, { atMs: 2_000, by: 'ann' });
    before.enrichIncident('i', { tier: 1 }, { atMs: 2_000 });
    before.remember('k', 'v', 3_000);
    before.close();
    before.close();
    const after = openAlertStore(file);
    expect(after.get('a', 4_000)).toMatchObject({ fingerprint: 'a', team: 'sre', firingStartTime: '1970-01-01T00:00:01.000Z' });
    expect(after.audit('a')).toHaveLength(1);
    expect(after.incidentEnrichments('i')).toEqual({ tier: 1 });
    expect(after.recall('k')).toEqual({ value: 'v', atMs: 3_000 });
    expect(after.receive({ fingerprint: 'a', status: 'firing' }, 5_000).alert.firingCounter).toBe(2);
    after.close();
  });

  test('is readable for its owner only, as are the folders that it creates', () => {
    const file = freshFile('deep/er/alerts.db');
    const store = openAlertStore(file);
    store.receive({ fingerprint: 'a' }, 1_000);
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect([mode(join(file, '..')), mode(join(file, '../..'))]).toEqual(['700', '700']);
    expect(['', '-wal', '-shm'].map((end) => mode(file + end))).toEqual(['600', '600', '600']);
    store.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
  });

  test('takes writes of several processes at once, which also create the file at once', async () => {
    const file = freshFile();
    const code = `
      const store = openAlertStore(file);
      for (let count = 0; count < 200; count++) {
        store.receive({ fingerprint: 'shared', status: 'firing', name, count }, count);
        store.receive({ fingerprint: name + count % 10, status: 'firing' }, count);
      }
      store.close();`;
    const printed = await Promise.all(['one', 'two'].map((name) => child(code, file, name)));
    expect(printed.map(({ stdout, stderr }) => stdout + stderr)).toEqual(['', '']);
    const store = openAlertStore(file);
    const history = store.history('shared');
    expect(new Set(history.map(({ name, count }) => `${name} ${count}`)).size).toBe(400);
    expect(history.map(({ firingCounter }) => firingCounter)).toEqual(history.map((_event, index) => 400 - index));
    expect(store.list({ atMs: 0 })).toHaveLength(21);
    store.close();
  });

  test('keeps what was received before its process was killed, and stays usable', async () => {
    const file = freshFile();
    const code = `
      const store = openAlertStore(file);
      for (let count = 1; ; count++) {
        store.receive({ fingerprint: 'a', status: 'firing' }, count);
        process.stdout.write(count + '\\n');
      }`;
    const running = child(code, file);
    const received = await new Promise<number>((resolve) =>
      running.child.stdout?.once('data', (text) => resolve(Number.parseInt(text, 10))),
    );
    running.child.kill('SIGKILL');
    await expect(running).rejects.toMatchObject({ signal: 'SIGKILL' });
    const store = openAlertStore(file);
    const { length } = store.history('a');
    expect(length).toBeGreaterThanOrEqual(received);
    expect(store.receive({ fingerprint: 'a', status: 'firing' }, 1).alert.firingCounter).toBe(length + 1);
    store.close();
  });
});

describe('a database', () => {
  test('is migrated step by step, and keeps its data', () => {
    const file = freshFile();
    const first = ['CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)'];
    openDatabase(file, first).close();
    const later = openDatabase(file, [...first, 'ALTER TABLE t ADD COLUMN b TEXT; UPDATE t SET b = a + 1;']);
    expect(later.all<{ a: number; b: string }>('SELECT * FROM t').map(({ a, b }) => [a, b])).toEqual([[1, '2']]);
    later.close();
  });

  test('of a newer version is refused with its name and both versions, and not changed', () => {
    const file = freshFile();
    openDatabase(file, ['CREATE TABLE t (a)', 'CREATE TABLE u (a)']).close();
    const open = () => openDatabase(file, ['CREATE TABLE t (a)']);
    expect(open).toThrow(`The database ${file} has version 2; this Threadline knows versions up to 1.`);
    expect(open).toThrow(expect.objectContaining({ code: 'invalid_config', hint: expect.stringContaining('Update Threadline') }));
    openDatabase(file, ['CREATE TABLE t (a)', 'CREATE TABLE u (a)']).close();
  });

  test('whose migration fails keeps the version before, complete', () => {
    const file = freshFile();
    expect(() => openDatabase(file, ['CREATE TABLE t (a); CREATE TABLE t (a)'])).toThrow(/already exists/);
    const database = openDatabase(file, ['CREATE TABLE t (a)']);
    expect(database.all('SELECT * FROM t')).toEqual([]);
    database.close();
  });

  test('that is not a database, or cannot be created, gives an error that names the file', () => {
    const text = freshFile('notes.txt');
    writeFileSync(text, 'These are notes and no database at all, and they stay as they are.');
    expect(() => openDatabase(text, [])).toThrow(`The database ${text} cannot be used: file is not a database.`);
    const below = join(text, 'alerts.db');
    expect(() => openDatabase(below, [])).toThrow(`The database ${below} cannot be used`);
    expect(() => openDatabase(below, [])).toThrow(expect.objectContaining({ code: 'invalid_config', hint: expect.any(String) }));
  });

  test('commits a transaction wholly or not at all, nested ones with the outer', () => {
    const database = openDatabase(':memory:', ['CREATE TABLE t (a)']);
    const add = (value: number) => database.run('INSERT INTO t VALUES (?)', value);
    const fail = () =>
      database.transaction(() => {
        add(1);
        database.transaction(() => add(2));
        throw new Error('no');
      });
    expect(fail).toThrow('no');
    expect(database.transaction(() => add(3) + add(4))).toBe(2);
    expect(database.all<{ a: number }>('SELECT a FROM t').map(({ a }) => a)).toEqual([3, 4]);
    expect(database.first('SELECT a FROM t WHERE a = ?', 9)).toBeUndefined();
    database.close();
  });

  test('is loaded without a warning, and other warnings are still printed', async () => {
    const { stdout, stderr } = await child(`
      openDatabase(':memory:', []).close();
      process.emitWarning('SQLite is mine', 'OtherWarning');`);
    expect(stdout).toBe('');
    expect(stderr).toContain('OtherWarning: SQLite is mine');
    expect(stderr).not.toContain('ExperimentalWarning');
  });
});
