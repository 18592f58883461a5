import type { AnyStateMachine } from 'xstate';

/**
 * What a machine declares, as JSON data. Actions, guards, delays and actors stay names; the initial context and parameters
 * that are made of an event, being code, are left out.
 */
export function machineDefinition(machine: AnyStateMachine): unknown {
  return plain(machine.config);
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'function') return { type: value.name === '' ? 'inline' : value.name };
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, entry]) => !(['context', 'params'].includes(key) && typeof entry === 'function'))
    .map(([key, entry]) => [key, key === 'on' ? eventsOf(entry) : plain(entry)]);
  return Object.fromEntries(entries);
}

/** JSON has no `undefined`, which shuts an event out; a transition that does nothing says the same. */
function eventsOf(on: unknown): unknown {
  if (typeof on !== 'object' || on === null) return plain(on);
  return Object.fromEntries(
    Object.entries(on).map(([event, entry]) => [event, entry === undefined ? {} : plain(entry)]),
  );
}
