import type { PathBase } from '../source/path-base.js';
import type { Path, Report } from '../problem.js';
import type { Written } from '../written.js';

/** What a rule is given beside what was written. */
export interface RuleContext {
  /** Where the section is in the configuration. */
  readonly path: Path;
  readonly base: PathBase;
  /** Whether what would only be warned of is an error. */
  readonly strict: boolean;
  /** Words the line of a path, for messages that name two entries; empty where it is not known. */
  readonly lineOf: (path: Path) => string;
  readonly report: Report;
}

/**
 * Something that must hold in a whole configuration as written.
 *
 * @param strict whether what would only be warned of is an error
 */
export type ConfigRule = (config: Written, base: PathBase, report: Report, strict: boolean) => void;

/** The same for what is under a key of the section. */
export function under(context: RuleContext, key: string | number): RuleContext {
  return { ...context, path: [...context.path, key] };
}
