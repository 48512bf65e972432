import type { CommandGroup } from '../terminal/command-line.ts';
import { signalCommand } from './runs-answer.ts';
import { runsCancelCommand } from './runs-cancel.ts';
import { runsDiffCommand } from './runs-diff.ts';
import { runsListCommand } from './runs-list.ts';
import { runsPruneCommand } from './runs-prune.ts';
import { rerunCommand } from './runs-rerun.ts';
import { resumeCommand } from './runs-resume.ts';
import { runsShowCommand } from './runs-show.ts';

export const runsGroup: CommandGroup = {
  name: 'runs',
  summary: 'the history of runs',
  commands: [
    runsListCommand,
    runsShowCommand,
    runsDiffCommand,
    resumeCommand,
    rerunCommand,
    signalCommand,
    runsCancelCommand,
    runsPruneCommand,
  ],
};
