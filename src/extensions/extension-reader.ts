import { z } from 'zod';
import { lazySchema } from '../config/lazy-schema.js';
import { oneEntryPerName } from '../hooks/headers.js';
import { frozenCopy } from '../hooks/payload-copy.js';
import { strictSchema } from '../hooks/strict-schema.js';
import { messageOf } from '../errors.js';
import { describeValue } from '../json/described-value.js';
import { jsonProblem } from '../json/json-data.js';
import { valueAt } from '../json/paths.js';
import { isPlainObject, setOwn } from '../json/records.js';
import { withPart } from './extension-parts.js';
import { extensionsSchema } from './extension-schemas.js';
import type { Extensions } from './extensions.js';

/** What was given as extensions, checked; or what is wrong with it, each beginning with the place. */
export type ExtensionsReading =
  | { readonly ok: true; readonly extensions: Extensions }
  | { readonly ok: false; readonly problems: readonly string[] };

const strict = lazySchema(() => strictSchema(extensionsSchema()));

/** What was read once is not read again: hosts pass on what an outcome gave them. */
const read = new WeakSet<object>();

/**
 * A deeply frozen copy of what a host or a plugin gives as extensions; every part of it is read once. Null for what may be
 * left out is absent, and headers have one entry for each name.
 */
export function readExtensions(given: unknown): ExtensionsReading {
  if (typeof given === 'object' && given !== null && read.has(given)) return { ok: true, extensions: given };
  try {
    return checked(frozenCopy(given).value);
  } catch (error) {
    return { ok: false, problems: [messageOf(error)] };
  }
}

/** Marks what was put together from parts that were read. */
export function markRead(extensions: Extensions): Extensions {
  read.add(extensions);
  return extensions;
}

function checked(copy: unknown): ExtensionsReading {
  if (!isPlainObject(copy)) return { ok: false, problems: [`found ${describeValue(copy)}, expected a plain object`] };
  const notJson = jsonProblem(copy, 'extensions');
  if (notJson !== undefined) return { ok: false, problems: [notJson.replace(/^extensions\.?/, '')] };
  const present = withoutAbsent(copy, extensionsSchema());
  const parsed = z.safeParse(strict(), present);
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.map(problemOf) };
  const unnamed = (['objects', 'data'] as const).filter((part) => {
    const byName = valueAt(present, ['security', part]);
    return isPlainObject(byName) && Object.hasOwn(byName, '__proto__');
  });
  // Zod passes over it, whatever its value.
  if (unnamed.length > 0)
    return { ok: false, problems: unnamed.map((part) => `security.${part}.__proto__: not a name`) };
  return { ok: true, extensions: markRead(canonical(present as Extensions)) };
}

function canonical(extensions: Extensions): Extensions {
  const headers = extensions.http?.headers;
  const once = headers && oneEntryPerName(headers);
  const next = once === headers ? extensions : withPart(extensions, ['http', 'headers'], once);
  return frozenCopy(next).value as Extensions;
}

function problemOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}

/** Without the fields that are null or undefined; what has keys of its own choosing stays as it is. */
function withoutAbsent(value: unknown, schema: z.core.$ZodType): unknown {
  if (schema instanceof z.ZodOptional) return withoutAbsent(value, schema.def.innerType);
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((element: unknown) => withoutAbsent(element, schema.def.element));
  }
  if (!isPlainObject(value)) return value;
  const copied: Record<string, unknown> = {};
  if (schema instanceof z.ZodRecord) {
    for (const key of Object.keys(value)) setOwn(copied, key, withoutAbsent(value[key], schema.def.valueType));
    return copied;
  }
  if (!(schema instanceof z.ZodObject)) return value;
  for (const key of Object.keys(value)) {
    const inner: unknown = value[key];
    const field: unknown = Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
    if (inner === undefined || (inner === null && field instanceof z.ZodOptional)) continue;
    setOwn(copied, key, field instanceof z.core.$ZodType ? withoutAbsent(inner, field) : inner);
  }
  return copied;
}
