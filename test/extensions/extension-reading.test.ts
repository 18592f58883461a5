import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { capabilityNames } from '../../src/config/sections/capabilities.js';
import { readExtensions } from '../../src/extensions/extension-reader.js';
import { extensionsSchema } from '../../src/extensions/extension-schemas.js';
import { extensionTable } from '../../src/extensions/extension-table.js';
import { anyExtensions } from '../models/extension-scenario.js';

function problemsOf(given: unknown): readonly string[] {
  const reading = readExtensions(given);
  return reading.ok ? [] : reading.problems;
}

describe('extensions that a host gives', () => {
  it('are copied, so that nothing done to the original is seen', () => {
    const labels = ['PII'];
    const given = { security: { labels }, custom: { list: [1] } };
    const reading = readExtensions(given);
    labels.push('SECRET');
    given.custom.list.push(2);
    expect(reading).toEqual({ ok: true, extensions: { security: { labels: ['PII'] }, custom: { list: [1] } } });
  });

  it('are read as they are, and once', () => {
    fc.assert(
      fc.property(anyExtensions, (given) => {
        const reading = readExtensions(given);
        if (!reading.ok) throw new Error(reading.problems.join('; '));
        const { http, ...rest } = reading.extensions;
        expect({ ...rest, http: undefined }).toEqual({ ...given, http: undefined });
        const names = Object.keys(http?.headers ?? {}).map((name) => name.toLowerCase());
        expect(new Set(names).size).toBe(names.length);
        expect(readExtensions(reading.extensions)).toEqual(reading);
        expect(readExtensions(reading.extensions)).toHaveProperty('extensions', reading.extensions);
      }),
    );
  });

  it('may say with null that something is absent', () => {
    const given = { request: { traceId: 'a', spanId: null }, agent: null, security: { subject: null, labels: ['x'] } };
    expect(readExtensions(given)).toEqual({
      ok: true,
      extensions: { request: { traceId: 'a' }, security: { labels: ['x'] } },
    });
    expect(readExtensions({ custom: { gone: null } })).toEqual({ ok: true, extensions: { custom: { gone: null } } });
  });

  it('have one entry for each header, the later one', () => {
    const given = { http: { headers: { 'X-Trace': '1', accept: 'a', 'x-trace': '2' } } };
    expect(readExtensions(given)).toEqual({
      ok: true,
      extensions: { http: { headers: { accept: 'a', 'x-trace': '2' } } },
    });
  });

  it.each([
    ['no object', 'trace', ['found a string, expected a plain object']],
    ['a list', [], ['found a list, expected a plain object']],
    ['a map', new Map(), ['found a Map, expected a plain object']],
    ['an unknown slot', { requests: {} }, ['requests: unknown field; did you mean `request`?']],
    [
      'a field in snake case',
      { request: { trace_id: 'a' } },
      ['request: trace_id: unknown field; did you mean `traceId`?'],
    ],
    [
      'an unknown field below',
      { security: { subject: { id: 'a', type: 'user', groups: [] } } },
      ['security.subject: groups: unknown field, expected `id`, `type`, `roles`, `permissions`, `teams`, `claims`'],
    ],
    [
      'a set of labels',
      { security: { labels: new Set(['PII']) } },
      ['security.labels: found a Set, expected JSON data'],
    ],
    [
      'labels that are no list',
      { security: { labels: 'PII' } },
      ['security.labels: Invalid input: expected array, received string'],
    ],
    [
      'a subject without a type',
      { security: { subject: { id: 'a' } } },
      ['security.subject.type: Invalid option: expected one of "user"|"agent"|"service"|"system"'],
    ],
    [
      'a header that is no text',
      { http: { headers: { a: 1 } } },
      ['http.headers.a: Invalid input: expected string, received number'],
    ],
    ['what JSON cannot say', { custom: { at: new Date(0) } }, ['custom.at: found a Date, expected JSON data']],
    [
      'a profile under a name that is none',
      JSON.parse('{"security":{"objects":{"__proto__":7}}}'),
      ['security.objects.__proto__: not a name'],
    ],
    [
      'more messages than fit',
      { agent: { conversation: { history: Array.from({ length: 101 }, () => ({})) } } },
      ['agent.conversation.history: Too big: expected array to have <=100 items'],
    ],
    [
      'what contains itself',
      (() => {
        const custom: Record<string, unknown> = {};
        custom['self'] = custom;
        return { custom };
      })(),
      ['is nested deeper than 500 levels or contains itself'],
    ],
    [
      'what throws',
      {
        get custom() {
          throw new Error('no');
        },
      },
      ['cannot be read: no'],
    ],
  ])('are refused with the place: %s', (_, given, problems) => {
    expect(problemsOf(given)).toEqual(problems);
  });
});

describe('the table of extensions', () => {
  it('has a row for every part of every slot, and no other', () => {
    const parts = (schema: z.core.$ZodType, path: string): string[] => {
      if (schema instanceof z.ZodOptional) return parts(schema.def.innerType, path);
      if (Object.hasOwn(extensionTable, path) || !(schema instanceof z.ZodObject)) return [path];
      return Object.entries<z.core.$ZodType>(schema.shape).flatMap(([key, field]) =>
        parts(field, path === '' ? key : `${path}.${key}`),
      );
    };
    expect(parts(extensionsSchema(), '').toSorted()).toEqual(Object.keys(extensionTable).toSorted());
  });

  it('uses every capability that opens a part', () => {
    const used = Object.values(extensionTable).flatMap(({ read, write }) => [
      read,
      ...(typeof write === 'string' ? [] : Object.values<string>(write)),
    ]);
    const opening = capabilityNames.filter((name) => name !== 'read_inbound_credentials');
    expect([...new Set(used)].filter((word) => word !== 'free').toSorted()).toEqual(opening.toSorted());
  });
});
