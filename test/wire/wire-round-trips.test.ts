import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { GlobalContext, UserContext } from '../../src/context/global-context.js';
import { builtInHooks } from '../../src/hooks/built-in-hooks.js';
import { defineHook, type HookDefinition } from '../../src/hooks/hook.js';
import { anyRecord, textRecord } from '../../src/hooks/record-schemas.js';
import type { PluginResult, Violation } from '../../src/hooks/hook-result.js';
import {
  contextText,
  decodeRequestContext,
  encodeAnswerContext,
  encodeRequestContext,
} from '../../src/wire/context-codec.js';
import { hookCodec } from '../../src/wire/hook-codec.js';
import { decodeResult, encodeResult } from '../../src/wire/result-codec.js';

// What JSON can carry, keys that objects already have included.
const key = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 8 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', '', '\u0000', 'prompt_id', 'systemPrompt'),
  },
);
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\u0000', '𝕬\u202e', '\ud800'));
const number = fc
  .oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((n) => (n === 0 ? 0 : n));
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, depthIdentifier: 'json' },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 3, depthIdentifier: 'json' }),
    ownKeys(tie('json')),
  ),
}));
const record = ownKeys(json);

/** Objects whose keys are all their own, `__proto__` included: what JSON.parse makes. */
function ownKeys<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> {
  return fc.array(fc.tuple(key, value), { maxLength: 4, depthIdentifier: 'json' }).map((entries) => {
    const made: Record<string, Value> = {};
    for (const [name, own] of entries) {
      Object.defineProperty(made, name, { value: own, enumerable: true, writable: true, configurable: true });
    }
    return made;
  });
}

function payloadOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return payloadOf(schema.def.innerType);
  if (schema instanceof z.ZodLazy) return fc.constant({ schemaVersion: '2.0', role: 'user', content: [] });
  if (schema instanceof z.ZodISODateTime) return fc.constantFrom('2026-01-31T12:00:00Z', '2026-01-31T12:00:00.5+02:00');
  if (schema instanceof z.ZodString) return text;
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.def.values);
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.def.options.map(payloadOf));
  if (schema instanceof z.ZodNumber) return fc.maxSafeInteger().map((n) => Math.max(n, schema.minValue ?? n) || 0);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodUnknown) return json;
  if (schema === anyRecord) return record;
  if (schema === textRecord) return ownKeys(text);
  if (schema instanceof z.ZodArray) return fc.array(payloadOf(schema.def.element), { maxLength: 3 });
  if (schema instanceof z.ZodRecord) return ownKeys(payloadOf(schema.def.valueType));
  if (schema instanceof z.ZodObject) {
    const shape = Object.entries(schema.shape).map(([name, field]): [string, fc.Arbitrary<unknown>] => [
      name,
      payloadOf(field),
    ]);
    const required = Object.entries(schema.shape)
      .filter(([, field]) => !(field instanceof z.ZodOptional))
      .map(([name]) => name);
    // What holds between fields is checked by the schema alone.
    return fc
      .record(Object.fromEntries(shape), { requiredKeys: required, noNullPrototype: true })
      .filter((made) => schema.def.checks === undefined || schema.safeParse(made).success);
  }
  throw new Error(`no arbitrary for ${schema._zod.def.type}`);
}

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
/** Text tells `__proto__` keys apart, which equality of objects does not. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? { entries: Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)) }
      : inner,
  );

describe.each(builtInHooks.map((hook): [string, HookDefinition] => [hook.name, hook as HookDefinition]))(
  '%s',
  (_, hook) => {
    it('gives back the payload that was sent', () => {
      const codec = hookCodec(hook).payload;
      fc.assert(
        fc.property(payloadOf(hook.payload), (payload) => {
          const decoded = codec.decode(overTheWire(codec.encodeRequest(payload)), 'payload');
          expect(decoded.ok && canonical(decoded.value)).toBe(canonical(payload));
        }),
        { numRuns: 60 },
      );
    });

    it('gives back the result that was answered', () => {
      const codec = hookCodec(hook).result;
      fc.assert(
        fc.property(payloadOf(hook.result ?? hook.payload), (modifiedPayload) => {
          const decoded = decodeResult(overTheWire(encodeResult({ modifiedPayload }, codec)), codec);
          if (!decoded.ok) throw new Error(JSON.stringify(decoded.issue));
          // An answer writes absent maps of ContextForge's defaults out, so they come back empty.
          const filled = codec.decode(overTheWire(codec.encodeAnswer(modifiedPayload)), '');
          expect(canonical(decoded.value.modifiedPayload)).toBe(canonical(filled.ok && filled.value));
          for (const [name, value] of Object.entries(modifiedPayload as object)) {
            expect(canonical(decoded.value.modifiedPayload)).toContain(canonical([name, value]).slice(1, -1));
          }
        }),
        { numRuns: 60 },
      );
    });
  },
);

describe('results', () => {
  const optional = { requiredKeys: [], noNullPrototype: true } as const;
  const headers = ownKeys(text).filter((made) => !Object.hasOwn(made, '__proto__'));
  const violation: fc.Arbitrary<Violation> = fc.record(
    {
      reason: text,
      description: text,
      code: text,
      details: record,
      mcpErrorCode: fc.integer(),
      httpStatusCode: fc.integer(),
      httpHeaders: headers,
    },
    { requiredKeys: ['reason', 'description', 'code', 'details'], noNullPrototype: true },
  );
  const result: fc.Arbitrary<PluginResult> = fc.record(
    {
      continueProcessing: fc.boolean(),
      violation,
      metadata: record,
      httpHeaders: headers,
      retryDelayMs: fc.integer({ min: 1 }),
    },
    { ...optional, requiredKeys: ['continueProcessing', 'metadata'] },
  );

  it('come back as they were answered', () => {
    const codec = hookCodec(builtInHooks[2]).result;
    fc.assert(
      fc.property(result, (answered) => {
        const decoded = decodeResult(overTheWire(encodeResult(answered, codec)), codec);
        if (!decoded.ok) throw new Error(JSON.stringify(decoded.issue));
        const given = Object.entries(decoded.value).filter(([, value]) => value !== undefined);
        expect(canonical(Object.fromEntries(given))).toBe(canonical(answered));
      }),
    );
  });
});

describe('contexts', () => {
  const userContext: fc.Arbitrary<UserContext> = fc.record(
    {
      userId: text,
      email: text,
      fullName: text,
      isAdmin: fc.boolean(),
      groups: fc.array(text, { maxLength: 2 }),
      roles: fc.array(text, { maxLength: 2 }),
      teamId: text,
      teams: fc.array(text, { maxLength: 2 }),
      department: text,
      attributes: record,
      authMethod: text,
      authenticatedAt: text,
      serviceAccount: text,
      delegationChain: fc.array(text, { maxLength: 2 }),
    },
    { requiredKeys: ['userId'], noNullPrototype: true },
  );
  const globalContext: fc.Arbitrary<GlobalContext> = fc.record(
    {
      requestId: text,
      user: fc.oneof(text, record),
      userContext,
      tenantId: text,
      serverId: text,
      contentType: text,
      state: record,
      metadata: record,
    },
    { requiredKeys: ['requestId', 'state', 'metadata'], noNullPrototype: true },
  );
  const context = fc.record({ globalContext, state: record, metadata: record }, { noNullPrototype: true });

  it('come back from a request as they were sent', () => {
    fc.assert(
      fc.property(context, (sent) => {
        const decoded = decodeRequestContext(overTheWire(encodeRequestContext(sent)));
        expect(decoded.ok && canonical(decoded.value)).toBe(canonical(sent));
      }),
    );
  });

  it('are the same as text', () => {
    fc.assert(
      fc.property(context, (sent) => {
        const encoded = encodeRequestContext(sent);
        expect(contextText(encoded)).toBe(JSON.stringify(encoded));
      }),
    );
  });

  it('in an answer can be read as those of a request, so that one server can pass them to another', () => {
    fc.assert(
      fc.property(context, (left) => {
        const encoded = encodeAnswerContext(left);
        fc.pre(encoded !== undefined);
        const decoded = decodeRequestContext(overTheWire(encoded));
        expect(decoded.ok && canonical(decoded.value.state)).toBe(canonical(left.state));
        expect(decoded.ok && canonical(decoded.value.globalContext.state)).toBe(canonical(left.globalContext.state));
        expect(decoded.ok && decoded.value.globalContext.userContext?.userId).toBe(
          left.globalContext.userContext?.userId,
        );
      }),
    );
  });
});

describe('a hook of the host', () => {
  const hook = defineHook({
    name: 'order_pre_ship',
    payload: z.object({
      orderId: z.string(),
      shipTo: z.object({ zipCode: z.string() }),
      giftNote: z.string().nullable(),
      dueAt: z.string().trim().optional(),
    }),
  });
  const codec = hookCodec(hook).payload;

  it('is renamed at the top level only', () => {
    const sent = { orderId: '1', shipTo: { zipCode: '8000' }, giftNote: null };
    expect(codec.encodeRequest(sent)).toEqual({ order_id: '1', ship_to: { zipCode: '8000' }, gift_note: null });
    expect(
      codec.decode({ order_id: '1', ship_to: { zipCode: '8000' }, gift_note: null, due_at: null }, 'payload'),
    ).toEqual({
      ok: true,
      value: sent,
    });
  });

  it('is changed by its schema where the schema changes values', () => {
    const wire = { order_id: '1', ship_to: { zipCode: '8000' }, gift_note: '', due_at: ' noon ' };
    expect(codec.decode(wire, 'payload')).toMatchObject({ ok: true, value: { dueAt: 'noon' } });
  });

  it('cannot have two fields of one name on the wire', () => {
    const twice = defineHook({ name: 'twice', payload: z.object({ orderId: z.string(), order_id: z.string() }) });
    expect(() => hookCodec(twice as HookDefinition)).toThrow(
      'twice: field order_id and another one are both called order_id on the wire; rename one of them',
    );
  });
});
