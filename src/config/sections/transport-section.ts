import type { z } from 'zod';
import type { PathBase } from '../source/path-base.js';
import type { Written } from '../written.js';
import type { RuleContext } from './rule-context.js';

/** The section of an entry that says how its plugin is reached: all that there is to know of one transport's settings. */
export interface TransportSection<Schema extends z.ZodType, Config> {
  /** Its key in an entry. */
  readonly key: string;
  /** The keys of the section, and the values each may have. */
  readonly schema: Schema;
  /**
   * Reports what does not hold between keys, which a schema of single keys cannot say. Reads the section as written, so
   * that these are told together with wrong types; those are the schema's business and skipped here.
   *
   * @param entry the whole entry as it was written
   */
  check(written: Written, context: RuleContext, entry: Written): void;
  /** What the schema has let through, in TypeScript's names. */
  read(parsed: z.output<Schema>, base: PathBase): Config;
  /** What hosts are told of it: snake_case, with every key that ContextForge has, and no secrets. */
  describe(config: Config): Record<string, unknown>;
}
