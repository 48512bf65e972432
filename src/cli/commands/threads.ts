import type { CommandGroup } from '../terminal/command-line.ts';
import { threadsDeleteCommand } from './threads-delete.ts';
import { threadsListCommand } from './threads-list.ts';
import { threadsShowCommand } from './threads-show.ts';

export const threadsGroup: CommandGroup = {
  name: 'threads',
  summary: 'the conversations that assistants keep',
  commands: [threadsListCommand, threadsShowCommand, threadsDeleteCommand],
};
