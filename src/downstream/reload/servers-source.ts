import { fileURLToPath } from 'node:url';
import { lookAt } from '../../config/reload/config-watch.js';
import { formatIssue } from '../../config/config-issue.js';
import { invalid } from '../../config/code-options.js';
import { expandHome } from '../../config/source/path-base.js';
import type { Logger } from '../../observability/logger.js';
import { KnownEntries } from '../servers-file/known-entries.js';
import { type ReadServers, readServers, type ReadServersOptions } from '../servers-file/read-servers.js';

/** Where servers are read from, and what they looked like. */
export class ServersSource {
  readonly #options: ReadServersOptions;
  readonly #logger: Logger;
  readonly #known = new KnownEntries();
  #source: string | URL | object;
  /** Every file that was read, the servers file first; none for objects. */
  #files: readonly string[] = [];
  /** What they looked like before they were read. */
  #seen: string | undefined;

  constructor(source: string | URL | object, options: ReadServersOptions, logger: Logger) {
    this.#source = source;
    this.#options = options;
    this.#logger = logger;
  }

  /** The servers file; undefined where servers come from an object. */
  get file(): string | undefined {
    return typeof this.#source === 'string' || this.#source instanceof URL ? this.#files[0] : undefined;
  }

  /** What all of them looked like before they were read. */
  get seen(): string | undefined {
    return this.#seen;
  }

  /** Reads it, or another one instead of it. @throws ConfigError CONFIG_INVALID, CONFIG_UNREADABLE; the old one stays then */
  read(source: string | URL | object = this.#source): ReadServers {
    const path = source instanceof URL ? fileURLToPath(source) : source;
    const before = typeof path === 'string' ? lookAt(expandHome(path)) : undefined;
    const read = readServers(source, this.#options, this.#known);
    this.#source = source;
    this.#files = read.files;
    this.#seen = before === undefined ? undefined : this.#withOthers(before);
    for (const issue of read.issues) this.#logger.warn({ ...issue }, formatIssue(issue));
    return read;
  }

  /** The same for a `reload` without another source. @throws GatechartError CONFIG_INVALID where there is nothing to read again */
  readAgain(source: string | URL | object | undefined): ReadServers {
    if (source === undefined && this.file === undefined)
      throw invalid('the servers in force come from no file; give reload others');
    return this.read(source);
  }

  /** What all that was read looks like now; undefined while the servers file is gone or empty. */
  look(): string | undefined {
    const [first] = this.#files;
    const found = first === undefined ? undefined : lookAt(first);
    return found === undefined ? undefined : this.#withOthers(found);
  }

  #withOthers(found: string): string {
    return [found, ...this.#files.slice(1).map((file) => lookAt(file) ?? '')].join('\n');
  }
}
