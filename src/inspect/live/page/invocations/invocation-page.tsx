import type { InvocationDetail } from '../../feed/feed-invocations.js';
import { useKeys } from '../keys/listen-to-keys.js';
import { CopyAs } from '../parts/copy-as.js';
import { EmptyState, Skeleton } from '../parts/empty-state.js';
import { meaningOfOutcome } from '../parts/meaning.js';
import { Segments } from '../parts/segments.js';
import { StateBadge } from '../parts/state-name.js';
import { count, timeOfDay } from '../parts/time-format.js';
import { printRoute } from '../routes/route.js';
import { useModel, usePage, useRoute } from '../shell/page-context.js';
import { ChainCard } from './chain-card.js';
import { copyForms } from './copy-forms.js';
import { DiffCard } from './diff-card.js';
import { ExecutionsCard } from './executions-card.js';
import { decisionText, serverText, verdictText } from './invocation-heading.js';
import { useRunningTime } from './running-time.js';
import { SequenceCard } from './sequence-card.js';
import { useInvocation } from './use-invocation.js';
import { WhyCard } from './why-card.js';

/** One invocation: who decided, the chain, and why. */
export function InvocationPage({ id }: { readonly id: string }) {
  const { go } = usePage();
  const { id: _id, tab: _tab, ...list } = useRoute();
  useKeys([{ key: 'Escape', does: 'back to the list', run: () => go(list) }]);
  const asked = useInvocation(id);
  const held = useModel(({ hello }) => hello?.ring.invocations);
  switch (asked.at) {
    case 'asking':
      return <Skeleton rows={9} />;
    case 'gone':
      return (
        <EmptyState title={`Invocation ${id} is no longer held`}>
          {held === undefined ? 'The host keeps the newest ones.' : `The host keeps the newest ${count(held)}.`}
        </EmptyState>
      );
    case 'failed':
      return <EmptyState title="The host did not say">{asked.why}</EmptyState>;
    case 'known':
      return <Known invocation={asked.detail} />;
  }
}

const tabs = [
  ['why', 'Why and what changed'],
  ['sequence', 'Sequence'],
  ['executions', 'Executions'],
] as const;

function Known({ invocation }: { readonly invocation: InvocationDetail }) {
  const { go } = usePage();
  const route = useRoute();
  const tab = tabs.find(([name]) => name === route.tab)?.[0] ?? 'why';
  return (
    <>
      <Heading invocation={invocation} />
      <ChainCard invocation={invocation} />
      <div>
        <Segments
          label="what is shown"
          options={tabs}
          value={tab}
          onChange={(chosen) => go({ ...route, tab: chosen }, 'replace')}
        />
      </div>
      {tab === 'why' && (
        <div class="why-columns">
          <WhyCard invocation={invocation} />
          <DiffCard invocation={invocation} />
        </div>
      )}
      {tab === 'sequence' && <SequenceCard invocation={invocation} />}
      {tab === 'executions' && <ExecutionsCard invocation={invocation} />}
    </>
  );
}

function Heading({ invocation }: { readonly invocation: InvocationDetail }) {
  const route = useRoute();
  const epoch = useModel(({ hello }) => hello?.epoch ?? 0);
  const nowMs = useRunningTime(invocation.t, invocation.outcome === 'running');
  const { hook, agent, tenant, requestId, subject, outcome, t } = invocation;
  const { id: _id, tab: _tab, ...list } = route;
  return (
    <header class="invocation-head">
      <a class="narrow-only" href={printRoute(list)}>
        ‹ Invocations
      </a>
      <div class="view-head">
        <h1>{subject}</h1>
        <StateBadge at={outcome} meaning={meaningOfOutcome(outcome)} text={verdictText(invocation)} />
        <div class="view-actions">
          <CopyAs forms={copyForms(invocation, () => location.href)} />
        </div>
      </div>
      <p class="dim">
        {hook}
        {agent !== undefined && (
          <>
            {' '}
            for <b>{agent}</b>
          </>
        )}
        {tenant !== undefined && ` of ${tenant}`}, request <code>{requestId}</code>,{' '}
        {timeOfDay(epoch + t, 'milliseconds')}. {decisionText(invocation, nowMs)} <b>{serverText(invocation)}</b>
      </p>
    </header>
  );
}
