import { GatechartError } from '../errors.js';
import type { FaceName } from '../gateway/gateway-options.js';
import { createRecorder, type Recorder } from '../inspect/recording/write/recorder.js';
import { requireRecordable } from '../inspect/recording/write/recording-file.js';
import type { Clock } from '../time/clock.js';
import { failureText, summaryLine } from '../testing/simulation/report-text.js';
import { actsOfText } from '../testing/simulation/shrink.js';
import { simulate, type SimulateOptions } from '../testing/simulation/simulate.js';
import type { CommandIo } from './command-io.js';

/** The command line of `gatechart simulate`. */
export interface SimulateCommand {
  readonly config?: string;
  readonly servers?: string;
  readonly rules?: string;
  readonly face?: string;
  readonly seed?: string;
  readonly seeds?: string;
  readonly steps?: string;
  readonly acts?: string;
  readonly record?: string;
  readonly json?: boolean;
}

/** Milliseconds between lines that say how far it is. */
const progressMs = 10_000;

/**
 * `gatechart simulate`: lets a gateway with one's own configuration happen in a made-up world.
 *
 * @returns the exit code: 0 every promise was kept, 1 one was not
 * @throws ConfigError, GatechartError for files and options that cannot be used
 */
export async function simulateCommand(command: SimulateCommand, io: CommandIo): Promise<number> {
  const options = optionsOf(command);
  // What has failed after hours is not to be lost for want of a file.
  if (command.record !== undefined) requireRecordable(command.record);
  // Errors that are made by the thousand, and looked at by nobody: most of their cost is the stack.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  let told = performance.now();
  let steps = 0;
  let recorder: Recorder | undefined;
  try {
    const began = performance.now();
    const report = await simulate({
      ...options,
      env: io.env,
      ...(command.record !== undefined && {
        recorderOf: (clock: Clock) =>
          (recorder = createRecorder({ file: command.record ?? '', clock, payloads: true })),
      }),
      progress: (run) => {
        steps += run.steps;
        if (command.json === true || performance.now() - told < progressMs) return;
        told = performance.now();
        io.stderr.write(`seed ${run.seed} done, ${steps} steps, ${rate(steps, told - began)}\n`);
      },
    });
    const { failure } = report;
    await recorder?.close();
    if (command.json === true) io.stdout.write(`${JSON.stringify(report)}\n`);
    else {
      io.stdout.write(`${summaryLine(report)}, ${rate(report.steps, performance.now() - began)}\n`);
      if (failure !== undefined) io.stdout.write(failureText(failure, again(command)));
      if (recorder !== undefined) io.stdout.write(`recorded: gatechart inspect ${quoted(command.record ?? '')}\n`);
    }
    return failure === undefined ? 0 : 1;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function rate(steps: number, ms: number): string {
  return `${Math.round((steps / Math.max(ms, 1)) * 1_000)} steps a second`;
}

function optionsOf({ config, servers, rules, face, seed, seeds, steps, acts }: SimulateCommand): SimulateOptions {
  if (face !== undefined && !isFace(face))
    throw new GatechartError(
      'CONFIG_INVALID',
      `--face: expected on-demand or transparent, found ${JSON.stringify(face)}`,
    );
  const chosen = acts === undefined ? undefined : actsOfText(acts);
  if (acts !== undefined && chosen === undefined)
    throw new GatechartError(
      'CONFIG_INVALID',
      `--acts: expected numbers and ranges like 3,7,9-12, found ${JSON.stringify(acts)}`,
    );
  return {
    ...(config !== undefined && { config }),
    ...(servers !== undefined && { servers }),
    ...(rules !== undefined && { rules }),
    ...(face !== undefined && { face }),
    seed: wholeNumber('seed', seed, 0) ?? 1,
    seeds: wholeNumber('seeds', seeds, 1) ?? 1,
    steps: wholeNumber('steps', steps, 1) ?? 100_000,
    ...(chosen !== undefined && { acts: chosen }),
  };
}

function wholeNumber(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : -1;
  if (value >= least) return value;
  throw new GatechartError(
    'CONFIG_INVALID',
    `--${option}: expected a whole number, ${least} or more, found ${JSON.stringify(text)}`,
  );
}

function isFace(face: string): face is FaceName {
  return face === 'on-demand' || face === 'transparent';
}

/** The command that brings the same about, but for seed and acts. */
function again({ config, servers, rules, face }: SimulateCommand): string {
  const files = Object.entries({ config, servers, rules, face }).flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option} ${quoted(value)}`],
  );
  return ['gatechart simulate', ...files].join(' ');
}

/** As shells take it. */
function quoted(text: string): string {
  return /^[\w./@:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
