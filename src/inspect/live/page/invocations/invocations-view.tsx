import { EmptyState } from '../parts/empty-state.js';
import { useModel, useRoute } from '../shell/page-context.js';
import { InvocationList } from './invocation-list.js';
import { InvocationPage } from './invocation-page.js';

/** Invocations: the list, and beside it the one that is open; on a narrow window one of the two. */
export function InvocationsView() {
  const { id } = useRoute();
  const all = useModel(({ invocations }) => invocations.size);
  return (
    <div class={`invocations${id === undefined ? '' : ' has-open'}`}>
      {id === undefined && <h1 class="unseen">Invocations</h1>}
      <InvocationList />
      <div class="view invocation-page">
        {id === undefined ? (
          <EmptyState title={all === 0 ? 'Nothing ran yet' : 'Open one to see who decided, and why'}>
            Keys: j and k go through the list, Enter opens, Esc goes back.
          </EmptyState>
        ) : (
          <InvocationPage key={id} id={id} />
        )}
      </div>
    </div>
  );
}
