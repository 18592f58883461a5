import type { Placement } from '../../../charts/placement.js';

/**
 * What the host answers to the question for a full chart. Throws a TypeError that names what is wrong where it is no
 * placement: nothing of it is drawn then.
 */
export function readPlacement(json: unknown): Placement {
  if (typeof json !== 'object' || json === null) throw new TypeError('expected an object with places of states');
  const fields: ReadonlyMap<string, unknown> = new Map(Object.entries(json));
  const numbers = (name: string) => numbersIn(name, fields.get(name));
  const arrows = fields.get('arrows');
  if (!Array.isArray(arrows)) throw new TypeError('arrows: expected a list');
  return {
    size: numbers('size'),
    states: numbers('states'),
    heads: numbers('heads'),
    dots: numbers('dots'),
    anyStates: numbers('anyStates'),
    arrows: arrows.map((row: unknown, index) => numbersIn(`arrows[${index}]`, row)),
    labels: numbers('labels'),
  };
}

function numbersIn(name: string, value: unknown): number[] {
  if (!Array.isArray(value)) throw new TypeError(`${name}: expected a list of numbers`);
  return value.map((entry: unknown, index) => {
    if (typeof entry === 'number' && Number.isFinite(entry)) return entry;
    throw new TypeError(`${name}[${index}]: expected a number`);
  });
}
