import type { ComponentType } from 'preact';
import { ConnectionsView } from '../connections/connections-view.js';
import { EventsView } from '../events/events-view.js';
import { OverviewView } from '../overview/overview-view.js';
import { InvocationsView } from '../invocations/invocations-view.js';
import { MachinesView } from '../machines/machines-view.js';
import { PluginsView } from '../plugins/plugins-view.js';
import { RecordingView } from '../recording/recording-view.js';
import type { ViewName } from '../routes/route.js';

/** A view, and its name in the rail. */
export interface View {
  readonly title: string;
  readonly component: ComponentType;
}

export const views: Readonly<Record<ViewName, View>> = {
  overview: { title: 'Overview', component: OverviewView },
  connections: { title: 'Connections', component: ConnectionsView },
  invocations: { title: 'Invocations', component: InvocationsView },
  plugins: { title: 'Plugins', component: PluginsView },
  events: { title: 'Events', component: EventsView },
  recording: { title: 'Recording', component: RecordingView },
  machines: { title: 'Machines', component: MachinesView },
};
