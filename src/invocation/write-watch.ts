import { isPlainObject, setOwn } from '../json/records.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { PluginResult } from '../hooks/hook-result.js';
import { PluginError } from '../plugins/plugin-error.js';
import { callerOf, type CodeKind } from '../plugins/strictness.js';
import { isUntouched, privateCopy, touchedKeys } from './private-copy.js';

/** Calls in which code of ES modules, and nobody else, reads the payload before it is taken for strict. */
const trials = 5;

/** Calls that may show nothing before it is left at that: watching who reads costs more than a copy. */
const most = 100;

/**
 * Sees to it that no change a handler makes to its payload is lost without a word. Payloads are frozen, which throws in
 * strict code and does nothing in sloppy code: code that is sloppy is given a copy of its own, and what it changes there
 * counts as its modification. Code that nobody knows is found out in its calls, by who reads the payload.
 */
export class WriteWatch {
  #code: CodeKind;
  #trialsLeft = trials;
  #callsLeft = most;

  constructor(code: CodeKind) {
    this.#code = code;
  }

  /** What the handler is to be given instead of the payload; undefined for the payload itself. */
  view(payload: unknown): PayloadView | undefined {
    if (this.#code === 'strict' || !isPlainObject(payload)) return undefined;
    return new PayloadView(payload, this.#code === 'sloppy', (code) => this.#learn(code));
  }

  /**
   * The handler answered the frozen payload itself. If it is one that changes its payload in place by code nobody has
   * seen, that change is lost; the next will not be.
   */
  distrust(): void {
    this.#code = 'sloppy';
  }

  #learn(reader: CodeKind): void {
    if (this.#code !== 'unknown') return;
    if (reader === 'strict') this.#trialsLeft--;
    else this.#callsLeft--;
    if (reader === 'sloppy' || this.#callsLeft === 0) this.#code = 'sloppy';
    else if (this.#trialsLeft === 0) this.#code = 'strict';
  }
}

/** What one handler is given of one payload. */
export class PayloadView {
  readonly given: object;
  readonly #payload: Readonly<Record<string, unknown>>;
  readonly #learn: (code: CodeKind) => void;
  /** What the handler may change; made for code that is sloppy, or may call what is. */
  #copy: Record<string, unknown> | undefined;
  /** Who has read, the one to be trusted least; undefined for nobody. */
  #reader: CodeKind | undefined;
  #hasAnswered = false;

  constructor(payload: Readonly<Record<string, unknown>>, isSloppy: boolean, learn: (code: CodeKind) => void) {
    this.#payload = payload;
    this.#learn = learn;
    this.given = isSloppy ? this.#changeable() : this.#trial();
  }

  /**
   * What the handler answered, with what it changed in place.
   *
   * @throws PluginError PLUGIN_RESULT_INVALID for a change in place that the answer leaves out; never for a stop
   */
  answered(result: PluginResult | undefined, hook: HookDefinition, pluginName: string): PluginResult | undefined {
    if (result?.continueProcessing !== false) return this.#withChanges(result, hook, pluginName);
    try {
      return this.#withChanges(result, hook, pluginName);
    } catch {
      return result;
    }
  }

  #withChanges(result: PluginResult | undefined, hook: HookDefinition, pluginName: string): PluginResult | undefined {
    this.#hasAnswered = true;
    const changed = this.#changed();
    this.#learn(changed === undefined ? (this.#reader ?? 'unknown') : 'sloppy');
    if (changed === undefined) return result;
    const wanted = result?.modifiedPayload;
    if (hook.result !== undefined) throw lost(pluginName, `${hook.name} takes no payload for an answer`);
    if (wanted === undefined || wanted === this.given) return { ...result, modifiedPayload: changed };
    const left = isPlainObject(wanted)
      ? touchedKeys(changed, this.#payload).filter((key) => isUntouched(wanted[key], this.#payload[key]))
      : [];
    if (left.length > 0) throw lost(pluginName, `its answer has ${left.join(', ')} as before`);
    return result;
  }

  /** The payload as the handler left it, if it changed it. */
  #changed(): Record<string, unknown> | undefined {
    const copy = this.#copy;
    if (this.given !== copy && Object.keys(this.given).length < Object.keys(this.#payload).length) {
      // An accessor can see no deletion.
      const kept = Object.entries(this.#changeable()).filter(([key]) => Object.hasOwn(this.given, key));
      return Object.fromEntries(kept);
    }
    return copy !== undefined && !isUntouched(copy, this.#payload) ? copy : undefined;
  }

  /**
   * The payload with each of its fields behind an accessor, which sees who its reader is. Code of an ES module throws where
   * it changes a field, but may hand what is in it to code that does not: that is a copy.
   */
  #trial(): object {
    const given: object = {};
    for (const key of Object.keys(this.#payload)) {
      const get = (): unknown => {
        if (this.#sees(get) !== 'unknown') this.#changeable();
        return (this.#copy ?? this.#payload)[key];
      };
      const set = (value: unknown): void => {
        if (this.#sees(set) !== 'sloppy')
          throw new TypeError(`Cannot assign to read only property '${key}' of a payload`);
        setOwn(this.#changeable(), key, value);
      };
      Object.defineProperty(given, key, { get, set, enumerable: true, configurable: true });
    }
    return Object.preventExtensions(given);
  }

  /** Who reads or writes through an accessor. */
  #sees(accessor: (...args: never[]) => unknown): CodeKind {
    if (this.#hasAnswered || this.#reader === 'sloppy') return this.#reader ?? 'unknown';
    const caller = callerOf(accessor);
    if (this.#reader !== 'unknown' || caller === 'sloppy') this.#reader = caller;
    return caller;
  }

  #changeable(): Record<string, unknown> {
    if (this.#copy === undefined) {
      const copy = privateCopy(this.#payload);
      this.#copy = isPlainObject(copy) ? copy : {};
    }
    return this.#copy;
  }
}

function lost(pluginName: string, why: string): PluginError {
  const message = `Plugin ${pluginName} changed its payload in place, and ${why}: answer a changed copy as modifiedPayload.`;
  return new PluginError({ message, pluginName }, { code: 'PLUGIN_RESULT_INVALID' });
}
