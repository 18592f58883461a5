/**
 * What actors are called: `github` for `connection:github`, and `github, connection` where another kind has one of that name
 * too.
 */
export function actorNames(ids: Iterable<string>): ReadonlyMap<string, string> {
  const all = [...new Set(ids)];
  const counts = new Map<string, number>();
  for (const id of all) counts.set(shortName(id), (counts.get(shortName(id)) ?? 0) + 1);
  return new Map(
    all.map((id) => {
      const name = shortName(id);
      const kind = id.slice(0, Math.max(0, id.indexOf(':')));
      return [id, counts.get(name) === 1 || kind === '' ? name : `${name}, ${kind}`];
    }),
  );
}

/** `connection:github` is called `github`. */
export function shortName(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}
