import type { Path, Report } from '../../config/problem.js';

/** What a check is given of an entry. */
export interface EntryContext {
  /** Of the entry in the file. */
  readonly path: Path;
  /** Whether unknown keys are errors. */
  readonly strict: boolean;
  readonly report: Report;
}
