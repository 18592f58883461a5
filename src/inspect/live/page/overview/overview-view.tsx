import { EmptyState, Skeleton } from '../parts/empty-state.js';
import { useModel } from '../shell/page-context.js';
import { isLoaded } from '../store/model.js';
import { isSameValue } from '../store/same-value.js';
import { attentionOf } from './attention.js';
import { AttentionList } from './attention-list.js';
import { BlocksCard } from './blocks-card.js';
import { ChangesCard } from './changes-card.js';
import { ConnectionsCard } from './connections-card.js';
import { DecisionsCard } from './decisions-card.js';
import { FiguresCard } from './figures-card.js';
import { verdictOf } from './verdict.js';

/** What is broken now, why, when the next try is, and whether that can be now. */
export function OverviewView() {
  const loaded = useModel(isLoaded);
  const name = useModel((model) => model.hello?.host.name);
  const { sentence, besides } = useModel((model) => verdictOf(model, attentionOf(model)), isSameValue);
  const isEmpty = useModel(
    ({ actors, plugins, seconds }) => actors.size === 0 && plugins.length === 0 && seconds.length === 0,
  );
  if (!loaded) {
    return (
      <div class="view" aria-busy="true">
        <h1>Loading {name ?? 'the process'}…</h1>
        <div class="card">
          <Skeleton rows={4} />
        </div>
        <div class="card">
          <Skeleton rows={12} />
        </div>
      </div>
    );
  }
  return (
    <div class="view">
      <div class="verdict">
        <h1>{sentence}</h1>
        <p class="dim">{besides}</p>
      </div>
      {isEmpty ? (
        <EmptyState title="Nothing runs through it yet." command="npx gatechart invoke tool_pre_invoke --help">
          Point a client at {name ?? 'this process'}, or run a hook by hand. What happens is here at once.
        </EmptyState>
      ) : (
        <>
          <AttentionList />
          <FiguresCard />
          <div class="columns">
            <ConnectionsCard />
            <div class="stack">
              <DecisionsCard />
              <BlocksCard />
              <ChangesCard />
            </div>
          </div>
        </>
      )}
    </div>
  );
}
