import { modeTraits, type ModeDialect, type OnError, type PluginModeName } from '../config/sections/plugin-modes.js';

/** What a plugin in some mode may do to the chain. */
export interface ModeRights {
  /** When its result says stop, the chain stops. */
  readonly mayBlock: boolean;
  /** The modification of a result that says stop still counts. */
  readonly keepsModificationOfBlock: boolean;
  /** Its modified payload is taken. */
  readonly mayModify: boolean;
  /** What it writes to the global state and metadata is seen by others. */
  readonly mergesState: boolean;
  /** A block may be raised as an exception, where the caller asks for that. */
  readonly raisesViolations: boolean;
  /** A block without a modification of its own answers with the blocker's input, where hooks do that at all. */
  readonly blockAnswersInput: boolean;
  /** When it runs: in its turn, beside the others of its phase, after the answer, or not at all. */
  readonly schedule: 'inTurn' | 'sideBySide' | 'afterwards' | 'never';
}

const sequential: ModeRights = {
  mayBlock: true,
  keepsModificationOfBlock: false,
  mayModify: true,
  mergesState: true,
  raisesViolations: true,
  blockAnswersInput: false,
  schedule: 'inTurn',
};

const audit: ModeRights = {
  mayBlock: false,
  keepsModificationOfBlock: true,
  mayModify: false,
  mergesState: false,
  raisesViolations: false,
  blockAnswersInput: false,
  schedule: 'inTurn',
};

/** Every mode, as a row. The first four are those of the framework's 1.0.0, the others those of `cpex`. */
export const pluginModes: Readonly<Record<PluginModeName, ModeRights>> = {
  enforce: { ...sequential, blockAnswersInput: true },
  enforce_ignore_error: { ...sequential, keepsModificationOfBlock: true, raisesViolations: false },
  permissive: { ...audit, mayModify: true },
  disabled: { ...audit, schedule: 'never' },
  sequential,
  transform: { ...sequential, mayBlock: false, keepsModificationOfBlock: true, raisesViolations: false },
  audit,
  concurrent: { ...sequential, mayModify: false, schedule: 'sideBySide' },
  fire_and_forget: { ...audit, schedule: 'afterwards' },
};

/** What one plugin may do to its chains, and when it runs. */
export interface PluginRights extends ModeRights {
  /** The mode it runs in: the one that was written, or what the dialect reads it as. */
  readonly mode: PluginModeName;
  /** Phases run one after the other; within one, priority decides. */
  readonly phase: number;
  /** What comes of its errors and missed deadlines. */
  readonly onError: OnError;
  /** They end the chain. */
  readonly raisesErrors: boolean;
}

/** The settings that have a say in what plugins may do. */
export interface RightsSettings {
  readonly modeDialect: ModeDialect;
  /** Raise errors in every mode. */
  readonly failOnPluginError: boolean;
}

/**
 * The rights of a plugin: those of its mode, with what its entry says of errors. Written out: what V8 makes of a spread has
 * a shape of its own for each plugin, and who reads them in a chain finds no shape again (`npm run bench`, chain/20).
 */
export function rightsOf(
  { mode: written, onError: asked }: { readonly mode: PluginModeName; readonly onError?: OnError },
  { modeDialect, failOnPluginError }: RightsSettings,
): PluginRights {
  const inCpex = modeDialect === 'cpex' ? modeTraits[written].inCpex : undefined;
  const mode = inCpex?.mode ?? written;
  const onError = asked ?? inCpex?.onError ?? modeTraits[mode].onError;
  const rights = pluginModes[mode];
  // Of what runs after the answer there is nobody left to tell.
  const raisesErrors = rights.schedule !== 'afterwards' && (failOnPluginError || onError === 'fail');
  const { mayBlock, keepsModificationOfBlock, mayModify, mergesState, raisesViolations, blockAnswersInput, schedule } =
    rights;
  return {
    mayBlock,
    keepsModificationOfBlock,
    mayModify,
    mergesState,
    raisesViolations,
    blockAnswersInput,
    schedule,
    mode,
    phase: modeTraits[mode].phase ?? 0,
    onError,
    raisesErrors,
  };
}
