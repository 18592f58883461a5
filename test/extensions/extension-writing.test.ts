import { describe, expect, it } from 'vitest';
import { accessOf } from '../../src/extensions/extension-access.js';
import { mergeExtensions } from '../../src/extensions/extension-merge.js';
import { readExtensions } from '../../src/extensions/extension-reader.js';
import { viewOf } from '../../src/extensions/extension-view.js';
import type { Extensions } from '../../src/extensions/extensions.js';

function read(given: Extensions): Extensions {
  const reading = readExtensions(given);
  if (!reading.ok) throw new Error(reading.problems.join('; '));
  return reading.extensions;
}

/** What comes of it if a plugin with these capabilities is shown `before` and answers `written`. */
function merged(before: Extensions, written: Extensions, ...capabilities: string[]) {
  const access = accessOf(capabilities);
  const host = read(before);
  return mergeExtensions(host, viewOf(host, access), read(written), access);
}

describe('labels', () => {
  const before: Extensions = { security: { labels: ['PII', 'HR'], classification: 'internal' } };

  it('are added by whoever may, and stay beside what is in the slot', () => {
    expect(merged(before, { security: { labels: ['PII', 'HR', 'SECRET'] } }, 'append_labels')).toEqual({
      extensions: { security: { labels: ['PII', 'HR', 'SECRET'], classification: 'internal' } },
      refused: [],
    });
  });

  it('are not taken away, while others of the same answer are added', () => {
    expect(merged(before, { security: { labels: ['HR', 'SECRET'] } }, 'append_labels')).toEqual({
      extensions: { security: { labels: ['PII', 'HR', 'SECRET'], classification: 'internal' } },
      refused: ['security.labels: labels only grow, and what it left out stays: PII'],
    });
  });

  it('are many without taking long', () => {
    const many = (first: number) => Array.from({ length: 100_000 }, (_none, index) => `label ${first + index}`);
    const started = performance.now();
    const { extensions } = merged(
      { security: { labels: many(0) } },
      { security: { labels: [...many(0), ...many(100_000)] } },
      'append_labels',
    );
    expect(extensions?.security?.labels).toHaveLength(200_000);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('are refused from one that may only read them, and from one that may not even that', () => {
    const refused = ['security.labels needs the capability append_labels'];
    expect(merged(before, { security: { labels: [] } }, 'read_labels')).toEqual({ extensions: before, refused });
    expect(merged(before, { security: { labels: ['x'] } })).toEqual({ extensions: before, refused });
  });
});

describe('headers', () => {
  const before: Extensions = { http: { headers: { Authorization: 'secret', 'X-Trace': '1' } } };

  it('are what the plugin answers, one that it left out is gone', () => {
    expect(merged(before, { http: { headers: { 'x-trace': '2', Accept: 'a' } } }, 'write_headers')).toEqual({
      extensions: { http: { headers: { 'x-trace': '2', Accept: 'a' } } },
      refused: [],
    });
  });

  it('of one that was shown none are added to those there are', () => {
    const access = accessOf(['write_headers']);
    const written = read({ http: { headers: { 'x-trace': '2' } } });
    expect(mergeExtensions(read(before), undefined, written, access).extensions).toEqual({
      http: { headers: { Authorization: 'secret', 'x-trace': '2' } },
    });
  });

  it('are refused from one that may only read them', () => {
    expect(merged(before, { http: { headers: {} } }, 'read_headers')).toEqual({
      extensions: before,
      refused: ['http.headers needs the capability write_headers'],
    });
  });
});

describe('a delegation', () => {
  const alice = { subjectId: 'alice', subjectType: 'user' };
  const planner = { subjectId: 'planner', subjectType: 'agent', ttlSeconds: 60 };
  const before: Extensions = {
    delegation: { chain: [alice], depth: 1, originSubjectId: 'alice', actorSubjectId: 'alice', ageSeconds: 5 },
  };

  it('gets hops at its end, and what follows from them', () => {
    expect(merged(before, { delegation: { chain: [alice, planner], ageSeconds: 7 } }, 'append_delegation')).toEqual({
      extensions: {
        delegation: {
          chain: [alice, planner],
          depth: 2,
          originSubjectId: 'alice',
          actorSubjectId: 'planner',
          delegated: true,
          ageSeconds: 7,
        },
      },
      refused: [],
    });
  });

  it('may begin with what a plugin says', () => {
    const written: Extensions = { delegation: { chain: [planner], originSubjectId: 'alice' } };
    expect(merged({}, written, 'append_delegation').extensions?.delegation).toEqual({
      chain: [planner],
      depth: 1,
      originSubjectId: 'alice',
      actorSubjectId: 'planner',
      delegated: true,
      ageSeconds: 0,
    });
  });

  it.each([
    ['loses no hop', [], 'its chain only grows at the end, and the hops there are stay as they are'],
    ['has no hop replaced', [planner], 'its chain only grows at the end, and the hops there are stay as they are'],
    [
      'gets no hop in front',
      [planner, alice],
      'its chain only grows at the end, and the hops there are stay as they are',
    ],
  ])('%s', (_, chain, problem) => {
    const result = merged(before, { delegation: { chain } }, 'append_delegation');
    expect(result).toEqual({ extensions: before, refused: [`delegation: ${problem}`] });
  });

  it.each<[string, Extensions['delegation']]>([
    ['no origin', { chain: [alice] }],
    ['no origin, but the one who acts', { chain: [alice], actorSubjectId: 'alice', depth: 1 }],
  ])('that has begun is that of its first hop, whoever a plugin says that it is (%s)', (_, given) => {
    const written: Extensions = { delegation: { chain: [alice, planner], originSubjectId: 'root' } };
    const { extensions, refused } = merged({ delegation: given }, written, 'append_delegation');
    expect(extensions?.delegation).toMatchObject({ originSubjectId: 'alice', actorSubjectId: 'planner', depth: 2 });
    expect(refused).toEqual(['delegation: originSubjectId is what follows from the chain']);
  });

  it('that has begun is that of its first hop, if a plugin that was not shown it begins one of its own', () => {
    const written = read({
      delegation: { chain: [planner], depth: 1, originSubjectId: 'planner', actorSubjectId: 'planner' },
    });
    const host = read({ delegation: { chain: [alice] } });
    const { extensions } = mergeExtensions(host, undefined, written, accessOf(['append_delegation']));
    expect(extensions?.delegation).toMatchObject({ chain: [alice, planner], originSubjectId: 'alice' });
  });

  it('says nothing of its own beside the chain', () => {
    const written: Extensions = { delegation: { ...before.delegation, originSubjectId: 'root', depth: 0 } };
    expect(merged(before, written, 'append_delegation')).toEqual({
      extensions: before,
      refused: ['delegation: depth, originSubjectId is what follows from the chain'],
    });
  });
});

describe('custom', () => {
  const before: Extensions = { custom: { theirs: 1, mine: { seen: 1 } }, request: { traceId: 't' } };

  it('is free for all: what a plugin answers stands, and a key that it left out is gone', () => {
    expect(merged(before, { custom: { mine: { seen: 2 } } })).toEqual({
      extensions: { custom: { mine: { seen: 2 } }, request: { traceId: 't' } },
      refused: [],
    });
  });

  it('may be written where the host gave no extensions', () => {
    const result = mergeExtensions(undefined, undefined, read({ custom: { a: 1 } }), accessOf([]));
    expect(result).toEqual({ extensions: { custom: { a: 1 } }, refused: [] });
  });
});

describe('what is not for plugins to change', () => {
  it('may be written out empty, as the reference does, where the plugin was shown none of it', () => {
    const written: Extensions = { security: { labels: [], objects: {}, data: {} }, meta: { tags: [], properties: {} } };
    const before: Extensions = { security: { labels: ['PII'] }, request: { traceId: 't' } };
    expect(merged(before, written)).toEqual({ extensions: before, refused: [] });
    expect(mergeExtensions(undefined, undefined, read(written), accessOf(['append_labels']))).toEqual({
      extensions: undefined,
      refused: [],
    });
  });

  it('stays, and the rest of the answer is taken', () => {
    const before: Extensions = { request: { traceId: 't' }, security: { subject: { id: 'a', type: 'user' } } };
    const written: Extensions = {
      request: { traceId: 'u' },
      security: { subject: { id: 'a', type: 'user', roles: ['admin'] } },
      meta: { tags: ['x'] },
      custom: { a: 1 },
    };
    expect(merged(before, written, 'read_subject', 'read_roles')).toEqual({
      extensions: { ...before, custom: { a: 1 } },
      refused: [
        'request is not for plugins to change',
        'security.subject.roles is not for plugins to change',
        'meta is not for plugins to change',
      ],
    });
  });
});
