import type { z } from 'zod';
import type { Unchanged } from '../unchanged.js';
import type { configSchema } from './configuration.js';

/** All that a configuration may say, in the words of its file. */
type WrittenInput = Unchanged<z.input<typeof configSchema>>;

/** The sections of a configuration beside its plugins. */
export type SectionInputs = Omit<WrittenInput, 'plugins'>;

/** What an entry of `plugins` may say, whatever its kind. */
export type EntryInput = Omit<NonNullable<WrittenInput['plugins']>[number], 'kind' | 'config'>;
