import type { CommandGroup } from '../command-line.ts';
import { runsListCommand } from './runs-list.ts';
import { runsShowCommand } from './runs-show.ts';

export const runsGroup: CommandGroup = {
  name: 'runs',
  summary: 'the history of runs',
  commands: [runsListCommand, runsShowCommand],
};
