import type { Command } from './command.ts';

/** The words after `!wr` at the start of a message; null when it gives no command. */
export function wordsOf(body: string): readonly string[] | null {
  const match = /^\s*!wr(?:\s+([\s\S]*))?$/i.exec(body);
  if (match === null) return null;
  return (match[1] ?? '').split(/\s+/).filter((word) => word !== '');
}

/** The command that these words call, with the words after its name; `!wr` alone asks for help. */
export function findCommand(
  commands: readonly Command[],
  words: readonly string[],
): { readonly command: Command; readonly rest: readonly string[] } | null {
  const called = words.length === 0 ? ['help'] : words;
  for (const command of commands) {
    const name = command.name.split(' ');
    if (name.every((word, index) => word === called[index]?.toLowerCase()))
      return { command, rest: called.slice(name.length) };
  }
  return null;
}
