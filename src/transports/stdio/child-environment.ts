/** What a child needs to know of where it runs: nothing of it is a secret. The list is that of the official MCP clients. */
const inherited: readonly string[] =
  process.platform === 'win32'
    ? [
        'APPDATA',
        'HOMEDRIVE',
        'HOMEPATH',
        'LOCALAPPDATA',
        'PATH',
        'PROCESSOR_ARCHITECTURE',
        'SYSTEMDRIVE',
        'SYSTEMROOT',
        'TEMP',
        'USERNAME',
        'USERPROFILE',
        'PROGRAMFILES',
      ]
    : ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];

/** By which a gateway that is started by another knows that it is not started by itself. Paths of files, no secret. */
const ours = 'GATECHART_GATEWAYS';

/** What children get of our environment before their own `env`: tokens and keys in it are for nobody else. */
export function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    [...inherited, ours].flatMap((name) => {
      const value = env[name];
      // Some shells pass on functions in variables, which children would run.
      return value === undefined || value.startsWith('()') ? [] : [[name, value]];
    }),
  );
}
