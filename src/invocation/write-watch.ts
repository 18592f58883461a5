import { isPlainObject } from '../context/plain-data.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { PluginResult } from '../hooks/hook-result.js';
import { PluginError } from '../plugins/plugin-error.js';
import { isCalledBySloppy } from '../plugins/strictness.js';
import { isUntouched, privateCopy, touchedKeys } from './private-copy.js';

/** Calls of a handler in which it is found out what its code is. */
const trials = 5;

/**
 * Sees to it that no change a handler makes to its payload is lost without a word. Payloads are frozen, which throws in
 * strict code and does nothing in sloppy code: code that is sloppy is given a copy of its own, and what it changes there
 * counts as its modification. Code that nobody knows is found out in its first calls, by who reads the payload.
 */
export class WriteWatch {
  #code: 'strict' | 'sloppy' | 'unknown';
  #trialsLeft = trials;

  constructor(code: 'strict' | 'sloppy' | 'unknown') {
    this.#code = code;
  }

  /** What the handler is to be given instead of the payload; undefined for the payload itself. */
  view(payload: unknown): PayloadView | undefined {
    if (this.#code === 'strict' || !isPlainObject(payload)) return undefined;
    if (this.#code === 'sloppy') return new PayloadView(payload, privateCopy(payload));
    if (--this.#trialsLeft === 0) this.#code = 'strict';
    return new PayloadView(payload, undefined, () => {
      this.#code = 'sloppy';
    });
  }
}

/** What one handler is given of one payload. */
export class PayloadView {
  readonly given: object;
  readonly #payload: Readonly<Record<string, unknown>>;
  readonly #foundSloppy: () => void;
  /** What the handler may change; only where its code is sloppy. */
  #copy: unknown;

  constructor(payload: Readonly<Record<string, unknown>>, copy: unknown, foundSloppy = (): void => undefined) {
    this.#payload = payload;
    this.#copy = copy;
    this.#foundSloppy = foundSloppy;
    this.given = isPlainObject(copy) ? copy : this.#trial();
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
    const copy = this.#changed();
    if (copy === undefined) return result;
    const wanted = result?.modifiedPayload;
    if (hook.result !== undefined) throw lost(pluginName, `${hook.name} takes no payload for an answer`);
    if (wanted === undefined || wanted === this.given) return { ...result, modifiedPayload: copy };
    const left = isPlainObject(wanted)
      ? touchedKeys(copy, this.#payload).filter((key) => isUntouched(wanted[key], this.#payload[key]))
      : [];
    if (left.length > 0) throw lost(pluginName, `its answer has ${left.join(', ')} as before`);
    return result;
  }

  /** The copy, if the handler changed it. */
  #changed(): Record<string, unknown> | undefined {
    const copy = this.#copy;
    if (this.given !== copy && Object.keys(this.given).length < Object.keys(this.#payload).length) {
      // An accessor can see no deletion; whoever makes one has a copy to delete from at the next call.
      this.#foundSloppy();
      const kept = isPlainObject(copy) ? copy : privateCopy(this.#payload);
      return Object.fromEntries(Object.entries(kept as object).filter(([key]) => Object.hasOwn(this.given, key)));
    }
    return isPlainObject(copy) && !isUntouched(copy, this.#payload) ? copy : undefined;
  }

  /** The payload with each of its fields behind an accessor, which sees whether its reader is sloppy. */
  #trial(): object {
    const given: object = {};
    for (const key of Object.keys(this.#payload)) {
      const get = (): unknown => {
        if (this.#copy === undefined && isCalledBySloppy(get)) this.#giveCopy();
        return Reflect.get(this.#copy ?? this.#payload, key);
      };
      const set = (value: unknown): void => {
        if (this.#copy === undefined && isCalledBySloppy(set)) this.#giveCopy();
        if (!isPlainObject(this.#copy))
          throw new TypeError(`Cannot assign to read only property '${key}' of a payload`);
        this.#copy[key] = value;
      };
      Object.defineProperty(given, key, { get, set, enumerable: true, configurable: true });
    }
    return Object.preventExtensions(given);
  }

  #giveCopy(): void {
    this.#copy = privateCopy(this.#payload);
    this.#foundSloppy();
  }
}

function lost(pluginName: string, why: string): PluginError {
  const message = `Plugin ${pluginName} changed its payload in place, and ${why}: answer a changed copy as modifiedPayload.`;
  return new PluginError({ message, pluginName }, { code: 'PLUGIN_RESULT_INVALID' });
}
