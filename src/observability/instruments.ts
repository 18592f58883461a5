import type { CountName, DurationName, FigureName } from './measures.js';

/** Values of attributes, each one of a few. */
export type MeasuredAttributes = Readonly<Record<string, string>>;

/** One value of a figure. */
export interface FigureValue {
  readonly value: number;
  readonly attributes: MeasuredAttributes;
}

/** What writes figures down: OpenTelemetry, or Prometheus. */
export interface Instruments {
  record(name: DurationName, seconds: number, attributes: MeasuredAttributes): void;
  add(name: CountName, attributes: MeasuredAttributes): void;
  /** @param read is called whenever somebody looks */
  figures(read: (name: FigureName) => readonly FigureValue[]): void;
}
