import { stripTypeScriptTypes } from 'node:module';

/** Jest transformer: blanks the types out, so that line and column stay as written. */
export default {
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
};
