/** The migration of a table whose counts of tokens were 0 where the server had not told them: from now on they are null then. */
export const untoldTokens = (table: string): string => `
  ALTER TABLE ${table} RENAME COLUMN prompt_tokens TO told_prompt_tokens;
  ALTER TABLE ${table} ADD COLUMN prompt_tokens INTEGER DEFAULT 0;
  ALTER TABLE ${table} RENAME COLUMN completion_tokens TO told_completion_tokens;
  ALTER TABLE ${table} ADD COLUMN completion_tokens INTEGER DEFAULT 0;
  ALTER TABLE ${table} RENAME COLUMN total_tokens TO told_total_tokens;
  ALTER TABLE ${table} ADD COLUMN total_tokens INTEGER DEFAULT 0;
  UPDATE ${table} SET
    prompt_tokens = told_prompt_tokens, completion_tokens = told_completion_tokens, total_tokens = told_total_tokens;
  ALTER TABLE ${table} DROP COLUMN told_prompt_tokens;
  ALTER TABLE ${table} DROP COLUMN told_completion_tokens;
  ALTER TABLE ${table} DROP COLUMN told_total_tokens`;
