/** So many calls in so long. */
export interface Rate {
  readonly count: number;
  readonly windowMs: number;
}

/** What ContextForge takes for a slip of the pen. */
const mostCalls = 1_000_000;

const secondsOf: ReadonlyMap<string, number> = new Map([
  ...['s', 'sec', 'second'].map((unit) => [unit, 1] as const),
  ...['m', 'min', 'minute'].map((unit) => [unit, 60] as const),
  ...['h', 'hr', 'hour'].map((unit) => [unit, 3600] as const),
]);

/** Reads `60/m`. @returns a text that says what is wrong with it, if it is none */
export function readRate(text: string): Rate | string {
  const expected = `"${text}" is no rate, expected a number of calls, a slash, and s, m or h: "60/m"`;
  const [count = '', unit = '', ...rest] = text.split('/').map((part) => part.trim());
  const seconds = secondsOf.get(unit.toLowerCase());
  if (rest.length > 0 || seconds === undefined || !/^\+?[0-9]{1,16}$/.test(count)) return expected;
  const calls = Number(count);
  if (calls < 1 || calls > mostCalls) return `"${text}" allows ${calls} calls, expected 1 to ${mostCalls}`;
  return { count: calls, windowMs: seconds * 1000 };
}
