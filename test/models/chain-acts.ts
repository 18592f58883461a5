import type { Modification, Write } from './chain-scenario.js';

export type Plain = Record<string, unknown>;

/** What both the model and the real plugins write. */
export function apply(write: Write, global: Plain, local: Plain): void {
  const record = write.to === 'global' ? global : local;
  switch (write.do) {
    case 'set':
      record[write.key] = { by: write.value };
      return;
    case 'delete':
      delete record[write.key];
      return;
    case 'count': {
      const shared = (record['shared'] ??= { count: 0 }) as { count: number };
      shared.count += 1;
      return;
    }
    case 'copyShared':
      local['copied'] = global['shared'];
      return;
    case 'publishNotes':
      global['published'] = local['shared'] ?? { count: 0 };
      return;
    case 'spoil':
  }
}

/** Which key of the global state it writes. */
export function writtenKey(write: Write): string | undefined {
  if (write.to !== 'global') return undefined;
  if (write.do === 'count') return 'shared';
  return write.do === 'publishNotes' ? 'published' : write.key;
}

/** The violation of a plugin; `spoilt` counts up when somebody changed it afterwards. */
export function violationOf(name: string, spoilt: number): Plain {
  return { reason: 'no', description: 'not allowed', code: 'NO', details: { spoilt }, pluginName: name };
}

/** What a plugin returns as `modifiedPayload`, made from the payload it was given. */
export function modified(modification: Modification, given: unknown): unknown {
  const payload = given as Plain;
  switch (modification.kind) {
    case 'none':
      return undefined;
    case 'same':
      return { ...payload };
    case 'foreign':
      return { other: 5 };
    case 'null':
      return null;
    case 'text':
      return 'text';
    case 'list':
      return [1];
    case 'headers':
      return { [modification.key]: `${modification.value}` };
    case 'decision':
      return { granted: modification.granted, reason: 'because' };
    case 'fields': {
      const { fields, value } = modification;
      const next: Plain = { ...payload };
      if (fields.includes('name')) next['name'] = `tool ${value}`;
      if (fields.includes('args')) next['args'] = { ...(payload['args'] as object), value: { deep: value } };
      if (fields.includes('headers')) next['headers'] = { x: `${value}` };
      return next;
    }
  }
}
