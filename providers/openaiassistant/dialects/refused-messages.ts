import type { MessageRule } from './server.ts';

/** How servers word it that messages break a rule of theirs → what they cannot take. */
const SENTENCES: [RegExp, MessageRule][] = [
  // Mistral, and chat templates of its models.
  [/tool call ids?\b.*\blength (of )?9\b/is, 'any_call_ids'],
  // Mistral; templates of Gemma, Llama 2 and others; Perplexity.
  [/unexpected role '?user'? after role '?tool|roles must alternate|should alternate with/i, 'user_after_outputs'],
  // LiteLLM for Bedrock and Anthropic; Bedrock; Anthropic.
  [
    /without `?tools=?`? param|expects the `?tools=?`? param|toolConfig field must be defined|must define tools/i,
    'undeclared_calls',
  ],
  // Mistral, also behind LiteLLM, which hands its thoughts out; Groq; Anthropic's and Fireworks' way to say so.
  [
    /extra_forbidden['"], ?['"]loc['"]: ?[[(] ?['"]body['"], ?['"]messages['"]|['"]messages\.\d+['"] ?: ?property ['"]\w+['"] is unsupported|\bmessages(?:\.|\[)\d+\]?(?:\.\w+)+: extra inputs are not permitted/i,
    'own_fields',
  ],
];

/** The rule for messages that a request broke; undefined for other complaints. */
export const brokenMessageRule = (words: string): MessageRule | undefined =>
  SENTENCES.find(([sentence]) => sentence.test(words))?.[1];
