import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessOf } from '../../src/extensions/extension-access.js';
import { decodeExtensions, encodeExtensions } from '../../src/extensions/extension-codec.js';
import { mergeExtensions } from '../../src/extensions/extension-merge.js';
import { readExtensions } from '../../src/extensions/extension-reader.js';
import type { Extensions } from '../../src/extensions/extensions.js';
import { anyExtensions } from '../models/extension-scenario.js';

function read(given: unknown): Extensions {
  const reading = readExtensions(given);
  if (!reading.ok) throw new Error(reading.problems.join('; '));
  return reading.extensions;
}

const secret = /^(?:authorization|cookie)$/i;

describe('extensions on a wire', () => {
  it('come back as they went, without headers that hold credentials', () => {
    fc.assert(
      fc.property(anyExtensions, (given) => {
        const extensions = read(given);
        const headers = Object.entries(extensions.http?.headers ?? {}).filter(([name]) => !secret.test(name));
        const http = extensions.http?.headers ? { headers: Object.fromEntries(headers) } : extensions.http;
        const wire: unknown = JSON.parse(JSON.stringify(encodeExtensions(extensions)));
        expect(decodeExtensions(wire, 'it')).toEqual({ ok: true, value: { ...extensions, ...(http && { http }) } });
      }),
    );
  });

  it('are in snake case, but for keys that others chose', () => {
    const extensions: Extensions = {
      request: { traceId: 't', spanId: 's' },
      security: { objects: { readFile: { managedBy: 'tool', dataScope: ['userName'] } } },
      mcp: { tool: { name: 'x', inputSchema: { additionalProperties: false } } },
      delegation: { chain: [{ subjectId: 'a', subjectType: 'user', fromCache: true }] },
      custom: { camelCase: { innerCase: 1 } },
    };
    const wire = {
      request: { trace_id: 't', span_id: 's' },
      security: { objects: { readFile: { managed_by: 'tool', data_scope: ['userName'] } } },
      mcp: { tool: { name: 'x', input_schema: { additionalProperties: false } } },
      delegation: { chain: [{ subject_id: 'a', subject_type: 'user', from_cache: true }] },
      custom: { camelCase: { innerCase: 1 } },
    };
    expect(encodeExtensions(read(extensions))).toEqual(wire);
    expect(decodeExtensions(wire, 'it')).toEqual({ ok: true, value: extensions });
  });

  it('never carry credentials in headers', () => {
    const headers = { Authorization: 'a', COOKIE: 'b', 'x-api-key': 'c', 'Set-Cookie': 'd', Accept: 'e' };
    expect(encodeExtensions(read({ http: { headers } }))).toEqual({ http: { headers: { Accept: 'e' } } });
  });

  it('may have null for what is absent, as the reference writes it', () => {
    const wire = {
      request: null,
      http: { headers: { a: 'b' } },
      security: { labels: ['x'], subject: null },
      custom: null,
    };
    const value = { http: { headers: { a: 'b' } }, security: { labels: ['x'] } };
    expect(decodeExtensions(wire, 'it')).toEqual({ ok: true, value });
  });

  it('may be what cpex 0.1.4 writes: every field, null or empty where nothing is said', () => {
    const hop = { subject_id: 'a', subject_type: 'user', audience: null, scopes_granted: [], ttl_seconds: null };
    const wire = {
      request: null,
      http: { headers: {} },
      security: { labels: ['PII'], classification: null, subject: null, objects: {}, data: {} },
      delegation: {
        chain: [{ ...hop, timestamp: '2026-11-26T13:18:27.706196Z', strategy: null, from_cache: false }],
        depth: 1,
        origin_subject_id: 'a',
        actor_subject_id: 'a',
        delegated: true,
        age_seconds: 0.0,
      },
      meta: { tags: [], scope: null, properties: {} },
      custom: { a: 1 },
    };
    const decoded = decodeExtensions(wire, 'it');
    if (!decoded.ok) throw new Error(decoded.issue.path);
    const { extensions, refused } = mergeExtensions(
      undefined,
      undefined,
      decoded.value,
      accessOf(['append_labels', 'append_delegation']),
    );
    expect(refused).toEqual([]);
    expect(extensions).toMatchObject({ security: { labels: ['PII'] }, delegation: { depth: 1 }, custom: { a: 1 } });
    expect(Object.keys(extensions ?? {}).toSorted()).toEqual(['custom', 'delegation', 'security']);
  });

  it.each([
    ['a text', 'x', { path: 'result.e', found: 'a string', expected: 'an object' }],
    [
      'a field in camel case',
      { request: { traceId: 't' } },
      {
        path: 'result.e.request.traceId',
        found: 'a string',
        expected: 'no field of this name',
      },
    ],
    [
      'a slot that nobody knows',
      { credentials: {} },
      {
        path: 'result.e.credentials',
        found: 'an object',
        expected: 'no field of this name',
      },
    ],
    [
      'a kind that does not fit',
      { security: { labels: [1] } },
      {
        path: 'result.e.security.labels.0',
        found: 'a number',
        expected: 'a string',
      },
    ],
    [
      'no integer',
      { agent: { turn: 1.5 } },
      { path: 'result.e.agent.turn', found: 'a number', expected: 'an integer' },
    ],
    [
      'a word that is none of a few',
      { security: { subject: { id: 'a', type: 'robot' } } },
      {
        path: 'result.e.security.subject.type',
        found: 'a string',
        expected: 'one of "user"|"agent"|"service"|"system"',
      },
    ],
    [
      'a list in the place of a map',
      { security: { objects: [] } },
      { path: 'result.e.security.objects', found: 'a list', expected: 'an object' },
    ],
    [
      'headers that are none',
      { http: { headers: [] } },
      {
        path: 'result.e.http.headers',
        found: 'a list',
        expected: 'an object',
      },
    ],
  ])('are refused with the place in the names of the wire: %s', (_, wire, issue) => {
    expect(decodeExtensions(wire, 'result.e')).toEqual({ ok: false, issue });
  });
});
