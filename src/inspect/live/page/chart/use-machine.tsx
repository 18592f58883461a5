import { useEffect, useState } from 'preact/hooks';
import { usePage } from '../shell/page-context.js';
import { type MachineChart, machineChartOf } from './machine-charts.js';

/** How far a chart has come that was asked for. */
export type AskedMachine =
  | { readonly at: 'loading' }
  | { readonly at: 'here'; readonly machine: MachineChart }
  | { readonly at: 'missing'; readonly why: string };

const loading = { at: 'loading' } as const;
const held = new Map<string, MachineChart>();

/** One of our machines, asked of the host once: all of them would make the page a quarter larger. */
export function useMachine(id: string): AskedMachine {
  const { requests } = usePage();
  const [asked, setAsked] = useState<AskedMachine & { readonly of: string }>({ ...loading, of: id });
  useEffect(() => {
    if (held.has(id)) return undefined;
    const ends = new AbortController();
    requests
      .get<unknown>(`/charts/${encodeURIComponent(id)}.json`, ends.signal)
      .then((json) => {
        const machine = machineChartOf(id, json);
        held.set(id, machine);
        setAsked({ at: 'here', machine, of: id });
      })
      .catch((error: unknown) => {
        if (ends.signal.aborted) return;
        setAsked({ at: 'missing', why: error instanceof Error ? error.message : String(error), of: id });
      });
    return () => ends.abort();
  }, [id, requests]);
  const present = held.get(id);
  if (present !== undefined) return { at: 'here', machine: present };
  return asked.of === id ? asked : loading;
}
