/** Roots followed by step names, which may contain dashes and blanks: `steps.get-pods`. */
const STEP_ROOTS = new Set(['steps', 'actions', 'last_workflow_results']);

const withMarks = new WeakMap<readonly string[], readonly string[]>();

/** Sorts the longest first. Cached by list, because all values of a workflow share one. */
function namesWithMarks(stepNames: readonly string[]): readonly string[] {
  const known = withMarks.get(stepNames);
  if (known) return known;
  const names = stepNames.filter((name) => /\W/.test(name)).sort((left, right) => right.length - left.length);
  withMarks.set(stepNames, names);
  return names;
}

/** The step name at a position after `root.`, if it is not a plain word. */
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
