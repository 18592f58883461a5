import type * as promClient from 'prom-client';
import type { Registry, RegistryContentType } from 'prom-client';
import type { FigureValue, Instruments } from '../observability/instruments.js';
import {
  type CountName,
  type DurationName,
  type FigureName,
  isDuration,
  isFigure,
  type MeasureName,
  measureNames,
  measures,
} from '../observability/measures.js';
import { labelName, labelsOf, metricName } from './metric-names.js';

type Library = Pick<typeof promClient, 'Counter' | 'Gauge' | 'Histogram'>;

/** Writes figures down in a registry of `prom-client`. */
export function prometheusInstruments(library: Library, registry: Registry<RegistryContentType>): Instruments {
  const { Counter, Gauge, Histogram } = library;
  const durations = new Map<DurationName, promClient.Histogram>();
  const counts = new Map<CountName, promClient.Counter>();
  for (const name of measureNames) {
    const settings = settingsOf(name, registry);
    if (isDuration(name)) durations.set(name, new Histogram({ ...settings, buckets: [...measures[name].buckets] }));
    else if (!isFigure(name)) counts.set(name, new Counter(settings));
  }
  return {
    record: (name, seconds, attributes) => durations.get(name)?.observe(labelsOf(attributes), seconds),
    add: (name, attributes) => counts.get(name)?.inc(labelsOf(attributes)),
    figures: (read) => {
      for (const name of measureNames.filter(isFigure)) {
        const settings = settingsOf(name, registry);
        const values = (): readonly FigureValue[] => read(name);
        const Figure = measures[name].kind === 'total' ? Counter : Gauge;
        registry.registerMetric(new Figure({ ...settings, registers: [], collect: tellAll(values) }));
      }
    },
  };
}

/** Says all values anew: those of what is gone are not told any more. */
function tellAll(values: () => readonly FigureValue[]) {
  return function collect(this: { reset(): void; inc(labels: Record<string, string>, value: number): void }): void {
    this.reset();
    for (const { value, attributes } of values()) this.inc(labelsOf(attributes), value);
  };
}

function settingsOf(name: MeasureName | FigureName, registry: Registry<RegistryContentType>) {
  const { help, attributes } = measures[name];
  return { name: metricName(name), help, labelNames: attributes.map(labelName), registers: [registry] };
}
