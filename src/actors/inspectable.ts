import type { InspectionEvent } from 'xstate';
import { isPlainObject } from '../context/plain-data.js';

/** How deep machines nest what they remember. */
const deepest = 6;

/**
 * What an inspector is told: names and numbers. Errors are told by name and code, because their messages quote servers and
 * plugins; what is neither plain data nor an error is told by its kind.
 */
export function inspectable(told: InspectionEvent): InspectionEvent {
  switch (told.type) {
    case '@xstate.event':
      return { ...told, event: eventOf(told.event) };
    case '@xstate.snapshot':
      return { ...told, event: eventOf(told.event), snapshot: snapshotOf(told.snapshot) };
    case '@xstate.microstep':
      return { ...told, event: eventOf(told.event), snapshot: snapshotOf(told.snapshot) };
    default:
      return told;
  }
}

type Snapshot = Extract<InspectionEvent, { type: '@xstate.snapshot' }>['snapshot'];
type Told = Extract<InspectionEvent, { type: '@xstate.event' }>['event'];

function eventOf(event: Told): Told {
  const shown: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(event)) shown[key] = shownValue(value, 1);
  return { ...shown, type: event.type };
}

function snapshotOf(snapshot: Snapshot): Snapshot {
  const { error } = snapshot;
  const context = 'context' in snapshot ? { context: shownValue(snapshot.context, 1) } : {};
  const output = 'output' in snapshot ? { output: shownValue(snapshot.output, 1) } : {};
  return Object.assign({}, snapshot, context, output, { error: shownValue(error, 1) });
}

function shownValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      break;
    default:
      return `(${typeof value})`;
  }
  if (value === null) return value;
  if (value instanceof Error) {
    const code = 'code' in value && typeof value.code === 'string' ? value.code : undefined;
    return { name: value.name, ...(code === undefined ? {} : { code }) };
  }
  if (depth > deepest) return '(deeper)';
  if (Array.isArray(value)) return value.map((item) => shownValue(item, depth + 1));
  if (!isPlainObject(value)) return '(object)';
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shownValue(item, depth + 1)]));
}
