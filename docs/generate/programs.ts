import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { branchMachine, callMachine, gatewayCallMachine, invocationMachine } from '../../machines/index.js';
import type { GeneratedFile } from './generated-file.js';
import { machineTable } from './programs/machine-table.js';
import { programText } from './programs/program-text.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The machines of short lives, and the folders of those who run them. */
const programs: readonly (readonly [name: string, machine: AnyStateMachine, folder: string])[] = [
  ['branch', branchMachine, 'src/invocation/programs'],
  ['call', callMachine, 'src/connection/programs'],
  ['gatewayCall', gatewayCallMachine, 'src/gateway/call/programs'],
  ['invocation', invocationMachine, 'src/invocation/programs'],
];

/** Straight code for the machines of short lives. */
export function generatePrograms(): GeneratedFile[] {
  return programs.map(([name, machine, folder]) => {
    const file = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const path = `${folder}/${file}-program.ts`;
    const text = programText(machineTable(machine), { name, path, machineFile: `${file}.machine.ts` });
    return { path, content: formatted(path, text) };
  });
}

function formatted(path: string, text: string): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/@biomejs/biome/bin/biome', 'format', `--stdin-file-path=${path}`],
    { cwd: root, input: text, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${path} could not be formatted: ${stderr}\n${text}`);
  return stdout;
}
