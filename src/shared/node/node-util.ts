/**
 * What is used of `node:util`. Importing that module from an ES module makes Node read all its exports, TextDecoder and its
 * tables among them: 4 ms of each start. Asked for this way it reads none.
 */
export const { parseArgs, parseEnv, styleText } = process.getBuiltinModule('node:util');
