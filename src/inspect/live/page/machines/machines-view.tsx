import { useMemo, useState } from 'preact/hooks';
import { Chart } from '../chart/chart.js';
import { everyEvent } from '../chart/every-event.js';
import { chartedMachines, type MachineChart } from '../chart/machine-charts.js';
import { useMachine } from '../chart/use-machine.js';
import { EmptyState, Skeleton } from '../parts/empty-state.js';
import { Segments } from '../parts/segments.js';
import { printRoute, type Route } from '../routes/route.js';
import { usePage, useRoute } from '../shell/page-context.js';
import { machineRows, outline, rowAt } from './machine-rows.js';
import { StateTable } from './state-table.js';
import { TransitionTable } from './transition-table.js';

/** What can happen at all: the chart of a machine without an actor, and all its transitions. */
export function MachinesView() {
  const route = useRoute();
  const id = route.id ?? 'connection';
  const asked = useMachine(id);
  return (
    <div class="view machines">
      <header class="view-head">
        <h1>What can happen at all</h1>
        <MachineChoice id={id} />
      </header>
      {asked.at === 'loading' && <Skeleton rows={12} />}
      {asked.at === 'missing' && (
        <EmptyState title={`The chart of “${id}” could not be read: ${asked.why}.`}>
          <a class="button" href={printRoute({ view: 'machines' })}>
            connection
          </a>
        </EmptyState>
      )}
      {asked.at === 'here' && <Machine key={id} id={id} known={asked.machine} />}
    </div>
  );
}

/** Those that people ask for most, and the others in a list. */
const firstMachines = ['connection', 'call', 'invocation', 'plugin'];

function MachineChoice({ id }: { readonly id: string }) {
  const { go } = usePage();
  const route = useRoute();
  const choose = (machine: string) => go({ ...route, id: machine }, 'replace');
  const others = chartedMachines.filter((machine) => !firstMachines.includes(machine));
  return (
    <div class="machine-choice">
      <Segments
        label="machine"
        options={firstMachines.map((machine) => [machine, machine] as const)}
        value={id}
        onChange={choose}
      />
      <select
        class="choice"
        aria-label="another machine"
        value={others.includes(id) ? id : ''}
        onChange={({ currentTarget: { value } }) => value !== '' && choose(value)}
      >
        <option value="">{others.length} more</option>
        {others.map((machine) => (
          <option key={machine} value={machine}>
            {machine}
          </option>
        ))}
      </select>
    </div>
  );
}

function Machine({ id, known: { about, chart } }: { readonly id: string; readonly known: MachineChart }) {
  const { go } = usePage();
  const route = useRoute();
  const [lit, setLit] = useState<number | undefined>(undefined);
  const [state, setState] = useState<string | undefined>(undefined);
  const events = useMemo(() => everyEvent(chart), [chart]);
  const rows = useMemo(() => machineRows(chart), [chart]);
  const form = route.chart ?? 'map';
  const setForm = (chosen: NonNullable<Route['chart']>) => go({ ...route, chart: chosen }, 'replace');
  return (
    <>
      <p class="dim machine-about">
        {about} {outline(chart)} Point at a row to see its arrow, at an arrow to see its row.
      </p>
      <div class="machine-columns">
        <section class="card machine-chart" aria-label={`Chart of ${id}`}>
          <header class="card-head">
            <h2>{id}</h2>
            <div class="card-actions">
              <Segments
                label="chart"
                options={[
                  ['map', 'Map'],
                  ['full', 'Full'],
                ]}
                value={form}
                onChange={setForm}
              />
            </div>
          </header>
          <div class="machine-drawing">
            <Chart
              machine={id}
              form={form}
              at={state ?? ''}
              next={events}
              meaning="connecting"
              lit={lit}
              onLight={setLit}
              quiet
            />
          </div>
        </section>
        <div class="stack">
          <TransitionTable rows={rows} lit={rowAt(rows, lit)} onLight={setLit} onState={setState} />
          <StateTable chart={chart} onState={setState} />
        </div>
      </div>
    </>
  );
}
