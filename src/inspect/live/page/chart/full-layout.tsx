import { useEffect, useState } from 'preact/hooks';
import { type ChartLayout, layoutOf } from '../../../charts/placement.js';
import { usePage } from '../shell/page-context.js';
import { type MachineChart, machineChart } from './machine-charts.js';
import { readPlacement } from './placement-reader.js';

export type FullLayout =
  | { readonly at: 'loading' }
  | { readonly at: 'here'; readonly layout: ChartLayout }
  | { readonly at: 'missing'; readonly why: string };

const loading = { at: 'loading' } as const;
const held = new Map<string, FullLayout>();

/** The full chart of a machine, asked of the host once; undefined while nobody wants it. */
export function useFullLayout(machine: string, isWanted: boolean): FullLayout | undefined {
  const { requests } = usePage();
  const [, redraw] = useState(0);
  const layout = held.get(machine);
  useEffect(() => {
    if (!isWanted || held.get(machine)?.at === 'here') return undefined;
    let isHere = true;
    const known = machineChart(machine);
    const answer =
      known === undefined
        ? Promise.reject(new Error('there is no such machine'))
        : requests.get<unknown>(`/charts/${machine}.json`);
    answer
      .then((json): FullLayout => ({ at: 'here', layout: layoutWith(known, json) }))
      .catch(
        (error: unknown): FullLayout => ({
          at: 'missing',
          why: error instanceof Error ? error.message : String(error),
        }),
      )
      .then((found) => {
        held.set(machine, found);
        if (isHere) redraw((times) => times + 1);
      });
    return () => {
      isHere = false;
    };
  }, [machine, isWanted, requests]);
  return !isWanted ? undefined : (layout ?? loading);
}

function layoutWith(known: MachineChart | undefined, json: unknown): ChartLayout {
  if (known === undefined) throw new Error('there is no such machine');
  return layoutOf(known.chart, readPlacement(json));
}
