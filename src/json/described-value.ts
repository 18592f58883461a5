/**
 * The kind of a value, for messages: `a number`, `a Map`, `an instance of Call`; never the value itself, which may be a
 * secret. Never throws, whatever a proxy does.
 */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return 'a big integer';
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  try {
    if (Array.isArray(value)) return 'a list';
    const { constructor }: { constructor?: unknown } = value;
    if (constructor === Object || typeof constructor !== 'function') return 'an object';
    const name: unknown = constructor.name;
    if (typeof name !== 'string' || !/^[\w$]{1,60}$/.test(name)) return 'an instance of a class';
    return constructor === builtIn(name) ? `${/^[AEIO]/.test(name) ? 'an' : 'a'} ${name}` : `an instance of ${name}`;
  } catch {
    return 'an object that cannot be read';
  }
}

function builtIn(name: string): unknown {
  return Reflect.get(globalThis, name);
}
