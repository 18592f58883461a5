import type { ActorState } from '../../feed/feed-states.js';
import { type Meaning, meaningOf } from '../parts/meaning.js';
import type { Model } from '../store/model.js';

/** Somebody came into a state that means something else than the one before. */
export interface RecentChange {
  readonly key: string;
  readonly t: number;
  readonly actor: string;
  readonly name: string;
  readonly to: string;
  readonly meaning: Meaning;
  /** How long it was in the state before, in milliseconds; undefined: not known. */
  readonly after: number | undefined;
}

/** What passes on the way to something else is no change that anyone has to read. */
const passing: readonly Meaning[] = ['connecting'];

/** The last changes of connections, the newest first. */
export function recentChanges({ actors, ribbons }: Pick<Model, 'actors' | 'ribbons'>, most: number): RecentChange[] {
  const changes: RecentChange[] = [];
  for (const [id, ribbon] of ribbons) {
    const actor: ActorState | undefined = actors.get(id);
    let before: Meaning | undefined;
    let since: number | undefined;
    for (const [t, to] of ribbon) {
      const meaning = meaningOf(to);
      if (passing.includes(meaning) || meaning === before) continue;
      if (before !== undefined) {
        const after = since === undefined ? undefined : t - since;
        changes.push({ key: `${id} ${t}`, t, actor: id, name: actor?.name ?? id, to, meaning, after });
      }
      before = meaning;
      since = t;
    }
  }
  return changes.sort((a, b) => b.t - a.t).slice(0, most);
}
