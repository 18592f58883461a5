import type { ManagerFigures } from './figures.js';

/** One invocation of a hook that has ended. */
export interface HookMeasure {
  readonly hook: string;
  /** `modify` is an `allow` with another payload; `cancel` is none of the plugins' doing. */
  readonly decision: 'allow' | 'modify' | 'deny' | 'error' | 'timeout' | 'cancel';
  readonly seconds: number;
}

/** One run of a plugin that has ended. */
export interface PluginMeasure {
  readonly hook: string;
  readonly plugin: string;
  /** `cancelled`: nobody waited for it any more. */
  readonly status: 'ok' | 'violation' | 'error' | 'timeout' | 'cancelled';
  readonly seconds: number;
  /** Of the violation that it answered; also where its mode may not block. */
  readonly violationCode: string | undefined;
}

/** Measures what managers do. What it throws is logged, and goes no further. */
export interface HookMeter {
  hookEnded(measure: HookMeasure): void;
  pluginEnded(measure: PluginMeasure): void;
  /** A manager is there, and can be asked. @returns what is called when it is gone */
  watchManager?(figures: ManagerFigures): () => void;
}
