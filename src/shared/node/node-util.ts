/**
 * The used functions of `node:util`. An import from an ES module makes Node evaluate all exports, including TextDecoder and
 * its tables, which costs 4 ms of each start. This way evaluates none.
 */
export const { parseArgs, parseEnv, styleText } = process.getBuiltinModule('node:util');
