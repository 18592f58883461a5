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

/**
 * The machine of an actor that is known by its id alone: `connection` for `connection:github`, `reload` for `reload~2`.
 * Undefined where it is none of the machines that the host knows.
 */
export function machineOfId(id: string, machines: Readonly<Record<string, string>>): string | undefined {
  const [kind = ''] = id.split(/[:~]/);
  return Object.hasOwn(machines, kind) ? kind : undefined;
}

/** The actor that is shown before anything has happened: a connection, where there is one. */
export function firstActor(ids: readonly string[], machines: Readonly<Record<string, string>>): string | undefined {
  const charted = ids.filter((id) => machineOfId(id, machines) !== undefined).sort();
  return charted.find((id) => id.startsWith('connection:')) ?? charted[0];
}

/** `connection:github` is called `github`. */
export function shortName(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}
