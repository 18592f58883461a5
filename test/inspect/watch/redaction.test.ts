import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorRecord } from '../../../src/inspect/live/watch/actors/actor-record.js';
import { actorState } from '../../../src/inspect/live/watch/actors/actor-state.js';
import { ConnectionCalls } from '../../../src/inspect/live/watch/actors/connection-calls.js';
import { Fingerprints } from '../../../src/inspect/live/watch/redaction/fingerprints.js';
import { payloadDiff } from '../../../src/inspect/live/watch/redaction/payload-diff.js';
import { withoutQuotes } from '../../../src/inspect/live/watch/redaction/quoted-payload.js';
import { shownError, withoutUrlSecrets } from '../../../src/inspect/live/watch/redaction/shown-errors.js';
import { shownText } from '../../../src/inspect/live/watch/redaction/shown-text.js';
import { ValueView } from '../../../src/inspect/live/watch/redaction/value-view.js';

const known = new Set(['name', 'args', 'text']);
const redacted = new ValueView('redacted', new Fingerprints());
const shown = new ValueView('shown', new Fingerprints());
const between = (was: unknown, now: unknown, view = redacted, maskedAt?: string) =>
  payloadDiff(was, now, { view, known, maskedAt });

/** A word that no key, type or number of a message has in it. */
const word = fc.stringMatching(/^zq[a-z]{6,12}$/);
const payload = fc.dictionary(word, fc.oneof(word, fc.array(word), fc.dictionary(word, word)));

describe('what is redacted', () => {
  it('has no word of a payload, neither of its values nor of its keys', () => {
    fc.assert(
      fc.property(payload, payload, (was, now) => {
        expect(JSON.stringify([between(was, now), redacted.show(was)])).not.toMatch(/zq/);
      }),
    );
  });

  it('has the same fingerprint for the same value, and another in another process', () => {
    fc.assert(
      fc.property(payload, word, (value, other) => {
        expect(redacted.fingerprint(value)).toBe(redacted.fingerprint(structuredClone(value)));
        expect(redacted.fingerprint({ ...value, [other]: 1 })).not.toBe(redacted.fingerprint(value));
      }),
    );
    expect(redacted.fingerprint('1')).not.toBe(shown.fingerprint('1'));
    expect(redacted.fingerprint('1')).toMatch(/^[0-9a-f]{8}$/);
  });
});

describe('a difference', () => {
  it('is empty exactly where nothing differs', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (was, now) => {
        const isSame = JSON.stringify(was) === JSON.stringify(now);
        expect(between(was, structuredClone(was)).changes).toEqual([]);
        if (!isSame && !JSON.stringify([was, now]).includes('-0'))
          expect(between(was, now).more + between(was, now).changes.length > 0).toBe(isDifferent(was, now));
      }),
    );
  });

  it('tells paths, list items by their places, and fifty changes at most', () => {
    expect(between({ name: 'a', args: [1, 2] }, { name: 'a', args: [1, 3, 4], text: true }, shown)).toMatchObject({
      changes: [
        { path: 'args[1]', kind: 'changed', was: { text: '2' }, now: { text: '3' } },
        { path: 'args[2]', kind: 'added', now: { text: '4' } },
        { path: 'text', kind: 'added', now: { type: 'boolean', text: 'true' } },
      ],
      unchanged: 2,
      more: 0,
    });
    const many = Array.from({ length: 262 }, (_none, index) => index);
    expect(
      between(
        many,
        many.map((n) => n + 0.5),
      ),
    ).toMatchObject({ changes: { length: 50 }, more: 212 });
  });

  it('takes a bounded time on huge payloads, and says that it was cut', () => {
    const huge = Array.from({ length: 1_000_000 }, (_none, index) => index);
    const startedAt = performance.now();
    expect(
      between(
        huge,
        huge.map((n) => n + 0.5),
      ),
    ).toMatchObject({ isCut: true });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('masks what a violation points at but for four characters, also where payloads are shown', () => {
    const diff = between({ text: 'sk-12345678' }, { text: 'none' }, shown, 'text');
    expect(diff.changes[0]).toMatchObject({ was: { text: 'sk-1…' }, now: { text: '…' } });
  });

  it('tells binary data by type and size', () => {
    expect(between({ text: new Uint8Array(3) }, { text: new Uint8Array(4) }, shown).changes[0]).toMatchObject({
      was: { type: 'binary', length: 3 },
      now: { type: 'binary', length: 4 },
    });
  });
});

it('texts lose what hides, and are cut', () => {
  expect(shownText('a\u202eb\u0000c\u200bd')).toBe('abcd');
  expect(shownText('x'.repeat(4096 + 12 * 1024))).toBe(`${'x'.repeat(4096)}… 12 KB more`);
});

it('URLs lose who logs in and what stands behind the path', () => {
  expect(withoutUrlSecrets('at https://me:pw@a.example:1/mcp?key=k#t, Bearer abc.def')).toBe(
    'at https://a.example:1/mcp Bearer …',
  );
  expect(withoutUrlSecrets('at https://me:p@ss:w@a.example/mcp')).toBe('at https://a.example/mcp');
});

it('a reason loses what it quotes of a payload, and keeps its words', () => {
  const held = { args: { sql: 'SELECT card FROM users WHERE id = 4111-1111', note: 'the secret arguments' } };
  expect(withoutQuotes('Secret in the arguments: 4111-1111.', [held])).toBe('Secret in the arguments: ….');
  expect(withoutQuotes('found "the secret arguments"', [held])).toBe('found "…"');
});

it('a reason about a payload that is too large to be looked through loses all of its words', () => {
  for (const held of [
    ['zq-secret-1', ...Array<string>(20_000).fill('other'), 'zq-secret-2'],
    ['x'.repeat(4_000_000), { deep: ['zq-secret-1', 'zq-secret-2'] }],
  ])
    expect(withoutQuotes('found zq-secret-1 and zq-secret-2', [held])).toBe('its words are hidden (33 characters)');
});

it('a reason is looked through in a bounded time, however long it and the payload are', () => {
  const held = { text: 'a-b '.repeat(50_000), words: Array.from({ length: 4_000 }, (_none, index) => `word-${index}`) };
  const startedAt = performance.now();
  expect(withoutQuotes('c-d-e-f '.repeat(250_000), [held]).length).toBeLessThan(5_000);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

it('what is left out of a payload is not all looked at either, where it is much', () => {
  const huge = Object.fromEntries(Array.from({ length: 50_000 }, (_none, index) => [`key ${index}`, index]));
  expect(between({ args: huge }, { args: {} })).toMatchObject({ isCut: true, changes: { length: 50 } });
  expect(between({ args: Object.values(huge) }, { args: [] })).toMatchObject({ isCut: true });
});

it('a fact of an actor is looked at in a bounded time, however long it is', () => {
  const record = {
    id: 'gatewayCall:1',
    kind: 'gatewayCall',
    name: '1',
    words: { id: 'gatewayCall' },
    at: 'asking',
    ended: 1,
    context: { subject: `https://me:pw@a.example/${'a.'.repeat(200_000)}` },
  } as unknown as ActorRecord;
  const startedAt = performance.now();
  const state = actorState(record, {
    now: () => 0,
    timeOf: (onClock) => onClock,
    calls: new ConnectionCalls(() => {}),
    connectionOf: () => undefined,
    withoutSecrets: (_name, text) => text,
  });
  expect(state.facts?.['subject']).toMatch(/^https:\/\/a\.example\/a\.a\./);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
});

it('of an error of the system it is told what was tried, and not on what: a plugin may have it of a payload', () => {
  let thrown: unknown;
  try {
    readFileSync('/nowhere/zq-secret');
  } catch (error) {
    thrown = new Error('plugin', { cause: error });
  }
  expect(shownError(thrown, 1, redacted)).toMatchObject({ message: 'open ENOENT' });
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
    errno: -1,
    code: 'ECONNREFUSED',
    syscall: 'connect',
    address: '127.0.0.1',
    port: 1,
  });
  expect(shownError(refused, 1, redacted)).toMatchObject({ message: 'connect ECONNREFUSED 127.0.0.1:1' });
});

function isDifferent(was: unknown, now: unknown): boolean {
  try {
    expect(now).toStrictEqual(was);
    return false;
  } catch {
    return true;
  }
}
