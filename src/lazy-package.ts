import { createRequire } from 'node:module';
import { join } from 'node:path';
import { GatechartError } from './errors.js';

/**
 * A package that costs time to load, and that not every program needs: it is loaded when it is first asked for, and without
 * a wait, so that functions which are not async can have it. What is async imports dynamically instead.
 *
 * @param load `(require) => require('yaml')`: the name is written out, for tools that look for what is used
 * @returns the package, or throws GatechartError CONFIG_INVALID where it is not installed: it is optional, or the program is
 * a bundle that was moved away from it
 */
export function lazyPackage<Module>(name: string, load: (require: NodeJS.Require) => Module): () => Module {
  let loaded: Module | undefined;
  return () => (loaded ??= loadNow(name, load));
}

function loadNow<Module>(name: string, load: (require: NodeJS.Require) => Module): Module {
  try {
    return load(ownRequire());
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND')) throw cause;
    const message = `This needs the package ${name}: npm install ${name}, beside the program, also where that is a bundle.`;
    throw new GatechartError('CONFIG_INVALID', message, { cause });
  }
}

/**
 * Node's `require`, as seen from this file. A bundle in CommonJS has no `import.meta.url`, and is itself where packages are
 * looked for.
 */
export function ownRequire(): NodeJS.Require {
  const { url }: { readonly url?: string | undefined } = import.meta;
  return createRequire(url ?? (typeof __filename === 'string' ? __filename : join(process.cwd(), 'bundle')));
}
