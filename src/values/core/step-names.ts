/** Where names of steps may follow, which may have dashes and blanks in them: `steps.get-pods`. */
const STEP_ROOTS = new Set(['steps', 'actions', 'last_workflow_results']);

const withMarks = new WeakMap<readonly string[], readonly string[]>();

/** The longest first. All values of a workflow share one list: looked through once, not for each. */
function namesWithMarks(stepNames: readonly string[]): readonly string[] {
  const known = withMarks.get(stepNames);
  if (known) return known;
  const names = stepNames.filter((name) => /\W/.test(name)).sort((left, right) => right.length - left.length);
  withMarks.set(stepNames, names);
  return names;
}

/** The name of a step that stands at a position behind `root.`, where it is no plain word. */
export function stepNameAt(
  root: string,
  source: string,
  position: number,
  end: number,
  stepNames: readonly string[],
): string | undefined {
  if (!STEP_ROOTS.has(root)) return undefined;
  return namesWithMarks(stepNames).find((name) => {
    const after = position + name.length;
    return after <= end && source.startsWith(name, position) && !/[\w-]/.test(source.charAt(after));
  });
}
