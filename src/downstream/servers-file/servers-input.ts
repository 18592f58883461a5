import type { z } from 'zod';
import type { Unchanged } from '../../config/unchanged.js';
import type { entrySchema } from './entry-schema.js';

/** One server, with the keys of a servers file that say something here. Durations in milliseconds. */
export type ServerInput = Unchanged<z.input<typeof entrySchema>>;

/** Servers by name, with the keys of a servers file. */
type NamedServers = Readonly<Record<string, ServerInput>>;

/** Servers in code, with the keys of a servers file: all of them under `mcpServers`, or under `servers`. */
export type ServersInput = { readonly $schema?: string } & (
  | { readonly mcpServers: NamedServers; readonly servers?: never }
  | { readonly servers: NamedServers; readonly mcpServers?: never }
);
