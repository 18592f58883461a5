import type { ComponentType } from 'preact';
import { EmptyState } from '../parts/empty-state.js';
import type { ViewName } from '../routes/route.js';

/** A view, and its name in the rail. */
export interface View {
  readonly title: string;
  readonly component: ComponentType;
}

function Unbuilt() {
  return (
    <div class="view">
      <h1>Nothing here yet</h1>
      <EmptyState title="This view is not there yet." />
    </div>
  );
}

export const views: Readonly<Record<ViewName, View>> = {
  overview: { title: 'Overview', component: Unbuilt },
  connections: { title: 'Connections', component: Unbuilt },
  invocations: { title: 'Invocations', component: Unbuilt },
  plugins: { title: 'Plugins', component: Unbuilt },
  events: { title: 'Events', component: Unbuilt },
  recording: { title: 'Recording', component: Unbuilt },
  machines: { title: 'Machines', component: Unbuilt },
};
