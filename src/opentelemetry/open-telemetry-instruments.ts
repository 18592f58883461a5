import type { Counter, Histogram, Meter, ObservableResult } from '@opentelemetry/api';
import type { Instruments } from '../observability/instruments.js';
import {
  type CountName,
  type DurationName,
  isDuration,
  isFigure,
  measureNames,
  measures,
} from '../observability/measures.js';

/** Writes figures down with a meter of OpenTelemetry. */
export function openTelemetryInstruments(meter: Meter): Instruments {
  const durations = new Map<DurationName, Histogram>();
  const counts = new Map<CountName, Counter>();
  for (const name of measureNames) {
    const { help: description } = measures[name];
    if (isDuration(name)) {
      const advice = { explicitBucketBoundaries: [...measures[name].buckets] };
      durations.set(name, meter.createHistogram(name, { description, unit: 's', advice }));
    } else if (!isFigure(name)) counts.set(name, meter.createCounter(name, { description }));
  }
  return {
    record: (name, seconds, attributes) => durations.get(name)?.record(seconds, attributes),
    add: (name, attributes) => counts.get(name)?.add(1, attributes),
    figures: (read) => {
      for (const name of measureNames.filter(isFigure)) {
        const { help: description, kind } = measures[name];
        const figure =
          kind === 'total'
            ? meter.createObservableCounter(name, { description })
            : meter.createObservableGauge(name, { description });
        figure.addCallback((result: ObservableResult) => {
          for (const { value, attributes } of read(name)) result.observe(value, attributes);
        });
      }
    },
  };
}
