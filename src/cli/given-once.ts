import type { Command, Option } from 'commander';

/** Refuses values that are given twice, in a command and those under it: the first would be dropped without a word. */
export function refuseGivenTwice(command: Command): void {
  for (const option of command.options) if (option.required || option.optional) refuseTwice(command, option);
  command.commands.forEach(refuseGivenTwice);
}

function refuseTwice(command: Command, option: Option): void {
  let isGiven = false;
  command.on(`option:${option.name()}`, () => {
    if (isGiven) command.error(`error: option '${option.flags}' is given twice; give it once`);
    isGiven = true;
  });
}
