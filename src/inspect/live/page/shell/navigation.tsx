import { meaningOf } from '../parts/meaning.js';
import { Shape } from '../parts/shape.js';
import { count } from '../parts/time-format.js';
import { printRoute, type ViewName, viewNames } from '../routes/route.js';
import type { Model } from '../store/model.js';
import { Truths } from './truths.js';
import { Icon } from './icons.js';
import { useModel, usePage } from './page-context.js';
import { views } from './views.js';

/** The views on a narrow screen; the others are reached from them, and by keys. */
const tabNames: readonly ViewName[] = ['overview', 'connections', 'invocations', 'plugins', 'events'];
const recordingTabs: readonly ViewName[] = ['recording', 'overview', 'connections', 'invocations', 'events'];

/** The views, at the left. */
export function Rail() {
  return (
    <nav class="rail" aria-label="Views">
      {viewNames.map((name) => (
        <>
          {name === 'recording' && <hr key="line" />}
          <ViewLink key={name} name={name} />
        </>
      ))}
      <Truths />
    </nav>
  );
}

/** The views, at the bottom of a narrow screen. */
export function Tabs() {
  const source = useModel(({ hello }) => hello?.source);
  return (
    <nav class="tabs" aria-label="Views, at the bottom">
      {(source === 'recording' ? recordingTabs : tabNames).map((name) => (
        <ViewLink key={name} name={name} />
      ))}
    </nav>
  );
}

function ViewLink({ name }: { readonly name: ViewName }) {
  const { route } = usePage();
  const current = !('problem' in route) && route.view === name;
  const seq = 'problem' in route ? undefined : route.seq;
  const { title } = views[name];
  return (
    <a
      href={printRoute({ view: name, ...(seq !== undefined && { seq }) })}
      title={title}
      {...(current && { 'aria-current': 'page' as const })}
    >
      <Icon of={name} />
      <span class="rail-word">{title}</span>
      <ViewCount name={name} />
    </a>
  );
}

function ViewCount({ name }: { readonly name: ViewName }) {
  const down = useModel((model) => (name === 'connections' ? downCount(model) : 0));
  const text = useModel((model) => countOf(name, model));
  if (down > 0) {
    return (
      <span class="rail-count is-failed">
        <Shape of="failed" size={9} />
        {down}
        <span class="unseen"> down</span>
      </span>
    );
  }
  return text === '' || name === 'connections' ? null : <span class="rail-count wide-only">{text}</span>;
}

function downCount({ actors }: Model): number {
  let down = 0;
  for (const { kind, at } of actors.values()) {
    const meaning = meaningOf(at);
    if (kind === 'connection' && (meaning === 'failed' || meaning === 'reconnecting')) down++;
  }
  return down;
}

function countOf(name: ViewName, { seconds, plugins }: Model): string {
  const last = seconds.at(-1);
  if (name === 'invocations') return last === undefined ? '' : `${count(last.calls)}/s`;
  return name === 'plugins' && plugins.length > 0 ? String(plugins.length) : '';
}
