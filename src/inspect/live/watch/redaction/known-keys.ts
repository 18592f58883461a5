import { z } from 'zod';
import type { HookDefinition } from '../../../../hooks/hook.js';
import { objectOf } from '../../../../hooks/plain-schema.js';
import { isRecord } from '../../../../json/records.js';

/** Keys that a schema declares, whatever holds them. What it leaves open may be named after a person. */
export type KnownKeys = ReadonlySet<string>;

const deepest = 8;
const ofHooks = new WeakMap<HookDefinition, KnownKeys>();

/** Those of a hook's payload and result. */
export function knownKeysOf(hook: HookDefinition): KnownKeys {
  const known = ofHooks.get(hook);
  if (known !== undefined) return known;
  const keys = new Set<string>();
  collect(hook.payload, keys, 0);
  if (hook.result !== undefined) collect(hook.result, keys, 0);
  for (const key of mcpKeys) keys.add(key);
  ofHooks.set(hook, keys);
  return keys;
}

/** Those of the answers of MCP, which hooks are given as they are. */
const mcpKeys = [
  'content',
  'contents',
  'type',
  'text',
  'isError',
  'structuredContent',
  'mimeType',
  'uri',
  'messages',
  'role',
];

/** Those that the input schema of a tool names, at its top and inside. */
export function keysOfToolSchema(schema: unknown): readonly string[] {
  const keys: string[] = [];
  const open: (readonly [unknown, number])[] = [[schema, 0]];
  for (let next = open.pop(); next !== undefined && keys.length < 1000; next = open.pop()) {
    const [value, depth] = next;
    if (!isRecord(value) || depth > deepest) continue;
    const { properties, items } = value;
    open.push([items, depth + 1]);
    if (!isRecord(properties)) continue;
    for (const [key, inner] of Object.entries(properties)) {
      keys.push(key);
      open.push([inner, depth + 1]);
    }
  }
  return keys;
}

function collect(schema: z.core.$ZodType, keys: Set<string>, depth: number): void {
  if (depth > deepest) return;
  const object = objectOf(schema);
  if (object !== undefined) {
    for (const [key, inner] of Object.entries(object.shape)) {
      keys.add(key);
      collect(inner, keys, depth + 1);
    }
    return;
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    collect(schema.def.innerType, keys, depth + 1);
  else if (schema instanceof z.ZodArray) collect(schema.def.element, keys, depth + 1);
  else if (schema instanceof z.ZodRecord) collect(schema.def.valueType, keys, depth + 1);
  else if (schema instanceof z.ZodUnion) for (const option of schema.def.options) collect(option, keys, depth + 1);
}
