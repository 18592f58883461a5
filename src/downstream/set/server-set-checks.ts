import { checkOptionNames, invalid } from '../../config/code-options.js';
import { checkOptionNumbers } from '../../config/option-values.js';
import { describeValue } from '../../json/described-value.js';
import type { ServerSetOptions } from './server-set-options.js';

const names: Readonly<Record<keyof ServerSetOptions, true>> = {
  servers: true,
  watch: true,
  strict: true,
  eager: true,
  env: true,
  baseDir: true,
  logger: true,
  inspector: true,
  recorder: true,
  connection: true,
  maxStarts: true,
  maxSessions: true,
  drainMs: true,
  clientInfo: true,
  loginStore: true,
  clock: true,
  random: true,
};

/** @throws GatechartError CONFIG_INVALID naming the option, what was found and what was expected */
export function checkServerSetOptions(options: ServerSetOptions): void {
  checkOptionNames(options, Object.keys(names), 'createServerSet');
  const { servers, baseDir, maxStarts, maxSessions, drainMs } = options;
  if (typeof servers !== 'string' && (typeof servers !== 'object' || servers === null))
    throw wrong('servers', servers, 'a path, a file: URL or an object');
  for (const name of ['watch', 'strict', 'eager'] as const)
    if (options[name] !== undefined && typeof options[name] !== 'boolean')
      throw wrong(name, options[name], 'true or false');
  for (const name of ['env', 'logger', 'connection', 'clock', 'clientInfo', 'loginStore', 'recorder'] as const)
    if (options[name] !== undefined && (typeof options[name] !== 'object' || options[name] === null))
      throw wrong(name, options[name], 'an object');
  if (baseDir !== undefined && typeof baseDir !== 'string') throw wrong('baseDir', baseDir, 'a path');
  if (options.watch === true && typeof servers !== 'string' && !(servers instanceof URL))
    throw invalid('options.watch is for servers that come from a file');
  checkOptionNumbers({ maxStarts, maxSessions, drainMs }, 'options');
  checkOptionNumbers(options.connection ?? {}, 'options.connection');
}

function wrong(option: string, found: unknown, expected: string): Error {
  return invalid(`options.${option} is ${describeValue(found)}, expected ${expected}`);
}
