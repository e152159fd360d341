/** What a command may do to the terminal, the desktop and the viewer who typed it. */
export interface CommandHost {
  print(text: string): void;
  clear(): void;
  ringBell(): void;
  sendCutText(text: string): void;
  rename(name: string): void;
  describe(): string;
  hangUp(): void;
}

interface Command {
  readonly usage: string;
  readonly help: string;
  run(host: CommandHost, argument: string): void;
}

const COMMANDS: Command[] = [
  { usage: 'bell', help: 'rings the bell', run: (host) => host.ringBell() },
  {
    usage: 'copy <text>',
    help: 'puts the text on your clipboard',
    run: (host, text) => host.sendCutText(text),
  },
  { usage: 'name <text>', help: 'renames the desktop', run: rename },
  { usage: 'size', help: "tells the desktop's size", run: (host) => host.print(host.describe()) },
  { usage: 'date', help: 'tells the time', run: (host) => host.print(new Date().toString()) },
  { usage: 'echo <text>', help: 'repeats the text', run: (host, text) => host.print(text) },
  { usage: 'clear', help: 'clears the window', run: (host) => host.clear() },
  { usage: 'exit', help: 'ends the connection', run: (host) => host.hangUp() },
  { usage: 'help', help: 'shows this list', run: help },
];

/** Runs a line that was typed. */
export function runCommand(line: string, host: CommandHost): void {
  const [name = ''] = line.split(' ', 1);
  const command = COMMANDS.find(({ usage }) => usage.split(' ', 1)[0] === name);
  if (command) command.run(host, line.slice(name.length).trim());
  else host.print(`${name}: no such command; try help`);
}

function rename(host: CommandHost, name: string): void {
  if (name) host.rename(name.slice(0, 40));
  else host.print('name: what shall it be?');
}

function help(host: CommandHost): void {
  for (const { usage, help } of COMMANDS) host.print(`  ${usage.padEnd(14)}${help}`);
  host.print('\nWindows move by their title bars. What you paste appears here.');
}
