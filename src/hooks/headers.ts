/** Header names and values, one value a name. */
export type Headers = Record<string, string>;

/** Headers of two plugins put together: the later value of a name wins, however the name is written. */
export function mergeHeaders(earlier: Headers | undefined, later: Headers): Headers {
  const given = new Set(Object.keys(later).map((name) => name.toLowerCase()));
  const kept = Object.entries(earlier ?? {}).filter(([name]) => !given.has(name.toLowerCase()));
  return { ...Object.fromEntries(kept), ...later };
}
